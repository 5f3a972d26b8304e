"""Recognising the speech of tracks."""

from collections.abc import Iterable, Iterator

from django.conf import settings

from accounts import notices
from config.lib.work import Lease, Work, enqueue
from recordings import media, storage
from recordings.exceptions import DecodeFailed
from recordings.models import Track
from transcripts.actions.lines import NewLine, store_lines
from transcripts.models import TrackRecognition
from transcripts.speech.engines import make_engine
from transcripts.speech.segments import cut
from transcripts.speech.types import Recognised, Segment, SpeechEngine

# Committing each line by itself would sync the disk for each; after this much sound nobody minds doing it again.
COMMIT_MS = 5000
# Containers round their lengths, and codecs pad their ends; a file that lacks more than this was damaged since it came.
TOLERATED_MS = 1000
SAMPLE_RATE = 16_000


def queue_recognition(*, track: Track) -> None:
    """Create the work of recognising a finished track whose speaker is known; hears `track_closed`."""
    meeting = track.recording.meeting
    if meeting is None or track.participant is None:
        return
    if meeting.transcript_enabled and meeting.host.has_feature("transcripts"):
        enqueue(TrackRecognition(track=track, meeting=meeting))


def recognise_track(lease: Lease[TrackRecognition]) -> None:
    """Recognise one track from where its committed lines end, committing lines and cursor together as it goes.

    The cutting is the same each time, so that work begun by a worker that died goes on at the same segment.

    Raises:
        recordings.exceptions.DecodeFailed: the file gives no sound at all.
    """
    engine = make_engine(settings.SPEECH_ENGINE)
    if lease.work.engine_state:
        engine.resume(lease.work.engine_state)
    track = lease.work.track
    pending = _Pending(lease, engine)
    heard = _Counted()
    try:
        with storage.local(track.file) as path, media.decoded(path) as blocks:
            for segment in cut(heard.counting(blocks)):
                if segment.end_ms > lease.work.cursor_ms:
                    lease.check_stopping()
                    pending.add(segment, engine.recognise(segment))
    except DecodeFailed as error:
        if heard.milliseconds == 0 or error.temporary:
            raise
    if heard.milliseconds + TOLERATED_MS < track.duration_ms:
        pending.miss(heard.milliseconds, track.duration_ms, "damaged")
    pending.commit(done=True)


def tell_progress(*, work: Work) -> None:
    """Tell whoever hosts how far the recognition of a track is; hears `work_progressed`."""
    if isinstance(work, TrackRecognition):
        progress = notices.WorkProgress(meetingId=work.meeting_id, work="recognition", progress=round(work.progress))
        notices.notify_progress(work.meeting.host_id, work.pk, progress)


class _Counted:
    """How much sound a track has given so far."""

    milliseconds = 0

    def counting(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        for block in blocks:
            self.milliseconds += len(block) // 2 * 1000 // SAMPLE_RATE
            yield block


class _Pending:
    """Segments of one track that are recognised and not yet committed."""

    def __init__(self, lease: Lease[TrackRecognition], engine: SpeechEngine) -> None:
        self._lease = lease
        self._engine = engine
        self._lines: list[NewLine] = []
        self._missing: list[tuple[int, int, str]] = []
        self._reached_ms = lease.work.cursor_ms

    def add(self, segment: Segment, recognised: Recognised | None) -> None:
        if recognised is None or not recognised.text:
            self.miss(segment.start_ms, segment.end_ms, "not_recognised")
        else:
            self._lines.append(self._line(segment, recognised.text))
        if segment.end_ms - self._lease.work.cursor_ms >= COMMIT_MS:
            self._reached_ms = segment.end_ms
            self.commit()

    def miss(self, start_ms: int, end_ms: int, reason: str) -> None:
        self._missing.append((start_ms, end_ms, reason))

    def commit(self, *, done: bool = False) -> None:
        length = max(1, self._lease.work.track.duration_ms)
        with self._lease.commit(progress=min(99.0, 100 * self._reached_ms / length), done=done) as row:
            store_lines(meeting=row.meeting, lines=self._lines)
            row.cursor_ms = self._reached_ms
            row.missing = [*row.missing, *self._missing]
            row.engine_state = self._engine.keep()
            row.engine = f"{self._engine.name} {self._engine.version}"
        self._lines, self._missing = [], []

    def _line(self, segment: Segment, text: str) -> NewLine:
        work = self._lease.work
        offset = work.track.offset_ms
        return NewLine(
            speaker=work.speaker,
            text=text,
            start_ms=offset + segment.start_ms,
            end_ms=offset + segment.end_ms,
            track=work.track,
        )
