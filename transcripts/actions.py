"""What is done to transcripts and notes."""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db import transaction

from accounts import audit
from accounts.models import User
from config.lib import keys
from config.lib.work import UNSETTLED, Lease, Work, enqueue, requeue
from meetings import actions as meetings_actions
from meetings.models import Meeting
from recordings import media, storage
from recordings.exceptions import DecodeFailed
from recordings.models import Track
from transcripts import reading
from transcripts.models import Line, Notes, NotesWriting, TrackRecognition
from transcripts.notes.engines import make_notes_engine
from transcripts.notes.types import SpokenLine
from transcripts.speech.engines import make_engine
from transcripts.speech.segments import cut
from transcripts.speech.types import Recognised, Segment, SpeechEngine

# Committing each line by itself would sync the disk for each; after this much sound nobody minds doing it again.
COMMIT_MS = 5000
# Containers round their lengths, and codecs pad their ends; a file that lacks more than this was damaged since it came.
TOLERATED_MS = 1000
SAMPLE_RATE = 16_000


def queue_recognition(*, track: Track) -> None:
    """Create the work of recognising a finished track; hears `track_closed`."""
    meeting = track.recording.meeting
    if meeting.transcript_enabled:
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
        self._cipher = keys.cipher(lease.work.meeting_id)
        self._lines: list[Line] = []
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
            Line.objects.bulk_create(self._lines)
            row.cursor_ms = self._reached_ms
            row.missing = [*row.missing, *self._missing]
            row.engine_state = self._engine.keep()
            row.engine = f"{self._engine.name} {self._engine.version}"
        self._lines, self._missing = [], []

    def _line(self, segment: Segment, text: str) -> Line:
        work = self._lease.work
        offset = work.track.offset_ms
        line = Line(
            meeting_id=work.meeting_id,
            participant_id=work.track.participant_id,
            track_id=work.track_id,
            start_ms=offset + segment.start_ms,
            end_ms=offset + segment.end_ms,
        )
        line.message = self._cipher.encrypt(text, row_id=line.pk, field="line.message")
        return line


def follow_recognition(*, work: Work) -> None:
    """Queue the notes when the last track of a meeting is settled, recognised or not; hears `work_settled`.

    The meeting's row is locked, so that of two tracks that settle at once the second sees the first.
    """
    if not isinstance(work, TrackRecognition):
        return
    meeting = Meeting.objects.select_for_update().get(pk=work.meeting_id)
    if meeting.recognitions.filter(UNSETTLED).exists() or NotesWriting.objects.filter(meeting=meeting).exists():
        return
    if Line.objects.filter(meeting=meeting).exists():
        enqueue(NotesWriting(meeting=meeting))


def write_notes(lease: Lease[NotesWriting]) -> None:
    """Write the notes of a meeting from its lines, and keep them encrypted in place of earlier ones."""
    meeting = lease.work.meeting
    engine = make_notes_engine(settings.NOTES_ENGINE)
    spoken = [
        SpokenLine(id=line.id, speaker=line.user_name, start_ms=line.start_ms, end_ms=line.end_ms, text=line.message)
        for line in reading.lines_of(meeting.pk)
    ]
    names = [participant.name for participant in meeting.participants.all()]
    written = engine.write(spoken, title=meeting.title, participants=names)
    with lease.commit(done=True):
        Notes.objects.filter(meeting=meeting).delete()
        notes = Notes(meeting=meeting, generator=written.generator)
        notes.body = keys.cipher(meeting.pk).encrypt(reading.packed(written), row_id=notes.pk, field="notes.body")
        notes.save()
        meetings_actions.mark_summarised(meeting_id=meeting.pk)


@transaction.atomic
def retry(*, work: Work, by: User) -> bool:
    """Give parked work another five attempts; False where it was not parked.

    A track tried again has its notes written again when it is settled.
    """
    if not requeue(work):
        return False
    if isinstance(work, TrackRecognition):
        NotesWriting.objects.filter(meeting=work.meeting_id).delete()
    audit.record("RETRY", by=by, resource={"work": work.pk, "kind": work._meta.label_lower})
    return True
