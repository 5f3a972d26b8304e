"""What is done to recordings."""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from accounts import audit, notices
from accounts.models import User
from config.lib import facts, files, keys
from config.lib.fields import MAX_INTEGER
from config.lib.ids import new_id
from config.lib.staging import StagedFile, folder
from config.lib.work import Interrupted, Lease, LeaseLost, Work, WorkState, enqueue, requeue
from meetings import actions as meetings_actions
from meetings.models import Meeting
from meetings.names import clean_name, clean_title
from recordings import media, rules, storage
from recordings.enums import TRANSITIONS, RecordingState
from recordings.exceptions import (
    EndsBeforeItStarts,
    NoTracks,
    RecordingOver,
    TooLarge,
    TooManyParts,
    TooManyStreams,
    TrackConflict,
)
from recordings.media import Probe
from recordings.models import AudioMix, Recording, Track
from rooms.models import Room

# Enough for a waveform as wide as a screen in a short meeting, 36,000 small numbers in an hour.
PEAKS_PER_SECOND = 10

# Of one import, and of a recording that is captured, where somebody whose connection broke has a stream for each time.
MAX_TRACKS = 100
MAX_STREAMS = 1000

# The folders in storage: what came in, and what the page plays.
TRACKS = "tracks"
MIXES = "mixes"

# Endings that go on into storage, for whoever looks there; anything longer or stranger is no help.
_ENDING = re.compile(r"\.[a-z0-9]{1,8}")


@dataclass(frozen=True)
class StagedTrack:
    """One person's file, checked, and when it begins in milliseconds after the meeting began."""

    speaker: str
    offset_ms: int
    file: StagedFile
    probe: Probe


@transaction.atomic
def start_track(
    *,
    room: Room,
    recording_id: str,
    stream_id: str,
    name: str,
    video_type: str,
    started_at: datetime,
    by: User,
) -> Recording:
    """Begin to record a stream, the first or a further one of its recording.

    The same facts again change nothing, so that a client may repeat a call whose answer was lost. Two streams that
    begin at once wait for each other at the recording's row.

    Raises:
        rooms.exceptions.RoomNotFound: the room was deleted meanwhile.
        TrackConflict: the stream was started with other facts.
        RecordingOver: the recording takes no further stream.
        TooManyStreams; meetings.exceptions.TooManyRecordings.
        meetings.exceptions.InvalidMeeting: the name cannot be taken.
    """
    label = clean_name(name)
    said = {"user_name": label, "video_type": video_type, "started_at": started_at}
    Room.objects.locked(room.pk)
    made, _ = Recording.objects.get_or_create(room=room, recording_id=recording_id, defaults={"host_name": label})
    recording = Recording.objects.select_for_update(no_key=True).get(pk=made.pk)
    known = recording.tracks.filter(stream_id=stream_id).first()
    if known is not None:
        if any(getattr(known, name) != value for name, value in said.items()):
            raise TrackConflict
        return recording
    if recording.tracks.count() >= MAX_STREAMS:
        raise TooManyStreams(MAX_STREAMS)
    if recording.state != RecordingState.RECORDING:
        _reopen(recording)
    meeting = _join_meeting(recording)
    Track.objects.create(
        recording=recording, stream_id=stream_id, started_by=by, offset_ms=_offset(started_at, meeting), **said
    )
    _audit_track("START-RECORDING", recording, stream_id, by)
    return recording


def _reopen(recording: Recording) -> None:
    if RecordingState.RECORDING not in TRANSITIONS.get(RecordingState(recording.state), ()):
        raise RecordingOver
    recording.change_state(RecordingState.RECORDING)
    recording.save()


def _join_meeting(recording: Recording) -> Meeting | None:
    """Give the recording's meeting; where it has none yet, the one that runs in its room."""
    if recording.meeting is None:
        running = Meeting.objects.filter(room=recording.room, started_at__isnull=False, ended_at=None).first()
        if running is not None:
            recording.meeting = running
            recording.save()
            meetings_actions.add_recording(meeting=running, recording_id=recording.recording_id)
    return recording.meeting


def _offset(started_at: datetime, meeting: Meeting | None) -> int:
    if meeting is None or meeting.started_at is None:
        return 0
    return min(max(0, round((started_at - meeting.started_at).total_seconds() * 1000)), MAX_INTEGER)


@transaction.atomic
def stop_track(*, track: Track, ended_at: datetime, by: User) -> None:
    """End the recording of a stream; again changes nothing.

    With its last stream the recording is interrupted and not ready: what its streams promised is still to come.

    Raises:
        EndsBeforeItStarts.
    """
    recording = Recording.objects.select_for_update(no_key=True).get(pk=track.recording_id)
    track.refresh_from_db()
    if track.started_at is None or track.ended_at is not None:
        return
    if ended_at < track.started_at:
        raise EndsBeforeItStarts
    track.ended_at = ended_at
    track.save(update_fields=["ended_at"])
    if not recording.tracks.filter(ended_at=None).exists():
        recording.change_state(RecordingState.INTERRUPTED)
        recording.save()
    _audit_track("STOP-RECORDING", recording, track.stream_id, by)


def _audit_track(act: str, recording: Recording, stream_id: str, by: User) -> None:
    resource = {"roomId": recording.room_id, "recordingId": recording.recording_id, "streamId": stream_id}
    audit.record(act, by=by, resource=resource)


def import_meeting(*, title: str, host: User, tracks: Sequence[StagedTrack], by: User) -> Meeting:
    """Make a finished meeting of files that lie on this disk, and queue everything that becomes of them.

    What can be refused is refused first. The files are moved into storage next, then all rows are committed at once;
    when anything fails, the files, the rows and the key are gone.

    Raises:
        NoTracks, TooManyParts, TooLarge: there is no file, or more than one import may bring.
        ContentClosedToAdmins: the host is an administrator.
        meetings.exceptions.InvalidMeeting: the title or a speaker's name cannot be taken.
    """
    rules.check_import(host)
    clean_title(title)
    _check(tracks)
    recording_id = new_id()
    stored: list[str] = []
    meeting: Meeting | None = None
    committed: list[bool] = []
    try:
        for track in tracks:
            name = f"{TRACKS}/{recording_id}/{new_id()}{_ending(track.file.file_name)}"
            stored.append(files.keep(track.file.path, name))
        with transaction.atomic():
            # The first to run after the commit: whatever goes wrong later, in ringing for instance, came too late.
            transaction.on_commit(lambda: committed.append(True))
            meeting = _create_meeting(title, host, tracks, by)
            _create_recording(meeting, recording_id, tracks, stored, by)
    except BaseException:
        if not committed:
            for name in stored:
                default_storage.delete(name)
            if meeting is not None:
                keys.destroy(meeting.pk)
        raise
    return meeting


def _check(tracks: Sequence[StagedTrack]) -> None:
    if not tracks:
        raise NoTracks("Add at least one sound or video file.")
    if len(tracks) > MAX_TRACKS:
        raise TooManyParts(f"One import takes at most {MAX_TRACKS} files.")
    if sum(track.file.size for track in tracks) > settings.UPLOAD_MAX_BYTES:
        raise TooLarge(settings.UPLOAD_MAX_BYTES)
    for track in tracks:
        clean_name(track.speaker)


def _ending(file_name: str) -> str:
    found = _ENDING.fullmatch(Path(file_name).suffix.lower())
    return found.group() if found else ""


def _create_meeting(title: str, host: User, tracks: Sequence[StagedTrack], by: User) -> Meeting:
    length = max(track.offset_ms + track.probe.duration_ms for track in tracks)
    now = timezone.now()
    return meetings_actions.create_past(
        title=title,
        host=host,
        names=[track.speaker for track in tracks],
        started_at=now - timedelta(milliseconds=length),
        ended_at=now,
        by=by,
    )


def _create_recording(
    meeting: Meeting, recording_id: str, tracks: Sequence[StagedTrack], stored: Sequence[str], by: User
) -> None:
    recording = Recording(meeting=meeting, recording_id=recording_id, host_name=meeting.host.full_name)
    recording.change_state(RecordingState.PROCESSING)
    recording.save()
    meetings_actions.add_recording(meeting=meeting, recording_id=recording_id)
    for participant, track, name in zip(meeting.participants.all(), tracks, stored, strict=True):
        row = Track.objects.create(
            recording=recording,
            participant=participant,
            stream_id=str(participant.position),
            offset_ms=track.offset_ms,
            duration_ms=track.probe.duration_ms,
            file=name,
            file_name=track.file.file_name,
            size=track.file.size,
            sha256=track.file.sha256,
            container=track.probe.container,
            codec=track.probe.codec,
        )
        facts.state("track_closed", track=row)
    enqueue(AudioMix(recording=recording))
    audit.record("UPLOAD", by=by, resource={"meetingId": meeting.pk, "recordingId": recording_id})


def mix_audio(lease: Lease[AudioMix]) -> None:
    """Draw each track's waveform and mix all tracks into one file that browsers play."""
    mix = lease.work
    tracks = list(mix.recording.tracks.all())
    share = 50 / len(tracks)
    for number, track in enumerate(tracks):
        with storage.local(track.file) as path:
            peaks = media.peaks(path, per_second=PEAKS_PER_SECOND)
        Track.objects.filter(pk=track.pk).update(peaks=peaks)
        lease.report((number + 1) * share)
    with folder() as scratch:
        mixed = scratch / "mix.m4a"
        _mix(tracks, mixed, lease)
        name = files.keep(mixed, f"{MIXES}/{mix.recording_id}/{new_id()}.m4a")
    replaced = mix.file.name
    try:
        with lease.commit(done=True) as row:
            row.file = name
    except (LeaseLost, Interrupted):
        # Only where nothing was committed for certain: a row must never name a file that is gone.
        default_storage.delete(name)
        raise
    if replaced:
        default_storage.delete(replaced)


def tell_progress(*, work: Work) -> None:
    """Tell whoever hosts how far the mix of a recording is; hears `work_progressed`."""
    if isinstance(work, AudioMix) and work.recording.meeting is not None:
        meeting = work.recording.meeting
        progress = notices.WorkProgress(meetingId=meeting.pk, work="mix", progress=round(work.progress))
        notices.notify_progress(meeting.host_id, work.pk, progress)


def _mix(tracks: Sequence[Track], target: Path, lease: Lease[AudioMix], *opened: Path) -> None:
    """Open the tracks one inside the other, since each may have to be fetched, and mix when all are here."""
    if len(opened) < len(tracks):
        with storage.local(tracks[len(opened)].file) as path:
            _mix(tracks, target, lease, *opened, path)
        return
    sources = [(path, track.offset_ms) for path, track in zip(opened, tracks, strict=True)]
    media.mix(sources, target, on_progress=lambda part: lease.report(50 + part * 50))


def remove_orphans() -> int:
    """Remove stored files that no row names, left by a kill between storing and committing; say how many."""
    named = {*Track.objects.values_list("file", flat=True), *AudioMix.objects.values_list("file", flat=True)}
    return files.remove_orphans(named, TRACKS, MIXES)


def remove_files(*, meeting: Meeting) -> None:
    """Remove what is stored of a meeting's recordings once its deletion is committed; hears `meeting_deleted`.

    What a kill leaves behind is an orphan by then.
    """
    tracks = Track.objects.filter(recording__meeting=meeting).exclude(file="").values_list("file", flat=True)
    mixes = AudioMix.objects.filter(recording__meeting=meeting).exclude(file="").values_list("file", flat=True)
    stored = [*tracks, *mixes]

    # No partial: Django names the function where it fails.
    def remove() -> None:
        for name in stored:
            with suppress(OSError):
                default_storage.delete(name)

    transaction.on_commit(remove, robust=True)


def settle_recording(*, work: Work) -> None:
    """Carry the end of a recording's last work over to the recording; hears `work_settled`."""
    if not isinstance(work, AudioMix):
        return
    recording = Recording.objects.select_for_update().get(pk=work.recording_id)
    recording.change_state(RecordingState.READY if work.state == WorkState.DONE else RecordingState.FAILED)
    recording.save()


@transaction.atomic
def retry_mix(*, work: AudioMix, by: User) -> bool:
    """Give a parked mix another five attempts; False where it was not parked."""
    if not requeue(work):
        return False
    recording = Recording.objects.select_for_update().get(pk=work.recording_id)
    recording.change_state(RecordingState.PROCESSING)
    recording.save()
    audit.record("RETRY", by=by, resource={"recordingId": recording.recording_id, "work": work.pk})
    return True
