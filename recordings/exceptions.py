"""What can be wrong with an uploaded recording, and what can fail while working on one."""

from config.lib.errors import DomainError, NotFound


class RecordingsError(DomainError):
    """The base of this app's refusals."""


class TrackNotFound(NotFound):
    """No such stream is recorded, or it is not the caller's to know of."""

    def __init__(self) -> None:
        super().__init__("There is no such recording.")


class TrackConflict(RecordingsError):
    """The same stream of the same recording was started with other facts."""

    code = "track_conflict"
    status = 409

    def __init__(self) -> None:
        super().__init__("This stream of the recording was started with other facts: take a new streamId.")


class RecordingOver(RecordingsError):
    """The recording is being made ready, or is ready; it takes no further stream."""

    code = "recording_over"
    status = 409

    def __init__(self) -> None:
        super().__init__("This recording is over: take a new recordingId.")


class TooManyStreams(RecordingsError):
    """As many streams belong to a recording as may."""

    code = "too_many_streams"
    status = 409

    def __init__(self, limit: int) -> None:
        super().__init__(f"A recording has at most {limit} streams: take a new recordingId.")


class EndsBeforeItStarts(RecordingsError):
    """A track cannot end before it started."""

    code = "invalid"

    def __init__(self) -> None:
        said = "This time is before the start of the track."
        super().__init__("The recording cannot end before it started.", ended_at=[said])


class BadAudio(RecordingsError):
    """An uploaded file cannot become a track; the message names the file and says what to do."""

    code = "bad_audio"


class BadFileName(BadAudio):
    """The name is no plain file name."""

    code = "bad_file_name"


class EmptyFile(BadAudio):
    """The file has no bytes."""

    code = "empty_file"


class NoAudio(BadAudio):
    """The file is no recording, or a recording without sound."""

    code = "no_audio"


class UnreadableAudio(BadAudio):
    """The file holds sound that cannot be decoded."""

    code = "unreadable_audio"


class TruncatedAudio(BadAudio):
    """The end of the file is missing."""

    code = "truncated_audio"


class MisnamedFile(BadAudio):
    """The name promises something that is no sound or video, the content is a recording."""

    code = "misnamed_file"
    status = 415


class FfmpegMissing(RecordingsError):
    """There is no ffmpeg to work with."""

    code = "ffmpeg_missing"
    status = 503


class DecodeFailed(RecordingsError):
    """A track could be decoded only up to `decoded_ms`."""

    code = "decode_failed"
    status = 500

    def __init__(self, message: str, *, decoded_ms: int, temporary: bool = False) -> None:
        super().__init__(message, decoded_ms=decoded_ms)
        self.decoded_ms = decoded_ms
        # The file is not to blame where somebody ended ffmpeg.
        self.temporary = temporary


class MixFailed(RecordingsError):
    """The tracks could not be joined into one file."""

    code = "mix_failed"
    status = 500


class NoTracks(RecordingsError):
    """An import brought no file."""

    code = "no_tracks"


class TooManyParts(RecordingsError):
    """An import brings more files than one meeting may have."""

    code = "too_many_files"
    status = 413


class TooLarge(RecordingsError):
    """An import brings more bytes than this server takes at once."""

    code = "upload_too_large"
    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(f"One import may hold {limit / 2**20:.0f} MiB in all. Send shorter or smaller files.")
