"""What is done to transcripts and notes."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts import audit, limits
from accounts.models import User
from accounts.rules import Person
from config.lib import facts, keys
from config.lib.fields import MAX_INTEGER
from config.lib.work import UNSETTLED, Lease, Work, enqueue, requeue
from meetings import actions as meetings_actions
from meetings.enums import Right
from meetings.models import Meeting, Participant
from meetings.names import clean_name
from recordings import media, storage
from recordings.exceptions import DecodeFailed
from recordings.models import Track
from transcripts import crypto, reading, rules
from transcripts.exceptions import EmptyLine, TooManyLabels
from transcripts.models import Line, Notes, NotesWriting, TrackRecognition
from transcripts.notes.engines import make_notes_engine
from transcripts.notes.types import SpokenLine, WrittenNotes
from transcripts.speech.engines import make_engine
from transcripts.speech.segments import cut
from transcripts.speech.types import Recognised, Segment, SpeechEngine

# So many names one person may speak under in one meeting: each is a participant.
MAX_LABELS = 20
# Committing each line by itself would sync the disk for each; after this much sound nobody minds doing it again.
COMMIT_MS = 5000
# Containers round their lengths, and codecs pad their ends; a file that lacks more than this was damaged since it came.
TOLERATED_MS = 1000
SAMPLE_RATE = 16_000
# Where no secret is set, ciphertext is tried with one that nobody has, and fails like any other, after the same time.
NOBODYS_SECRET = secrets.token_urlsafe(32)


@dataclass(frozen=True)
class NewLine:
    """Something that was said: recognised on a track, or sent by its author."""

    speaker: Participant
    text: str
    start_ms: int
    end_ms: int
    track: Track | None = None
    author: User | None = None
    client_id: str = ""
    language: str = ""


@dataclass(frozen=True)
class SentLine:
    """A line as a client sent it: text or ciphertext, and when it was said, if the client knows."""

    name: str
    message: str
    start_ms: int | None = None
    end_ms: int | None = None
    language: str = ""
    client_id: str = ""
    is_encrypted: bool | None = None


def store_lines(*, meeting: Meeting, lines: Iterable[NewLine]) -> list[Line]:
    """Encrypt lines and keep them, in the caller's transaction; every line of a transcript comes through here.

    The meeting's row is locked, so that lines are committed in the order of their times: whoever asks for what is newer
    than the last line that they saw misses none.
    """
    Meeting.objects.lock(meeting)
    cipher = keys.cipher(meeting.pk)
    rows = []
    for line in lines:
        row = Line(
            meeting=meeting,
            participant=line.speaker,
            track=line.track,
            author=line.author,
            client_id=line.client_id,
            language=line.language,
            start_ms=line.start_ms,
            end_ms=line.end_ms,
        )
        row.message = cipher.encrypt(line.text, row_id=row.pk, field="line.message")
        rows.append(row)
    return Line.objects.bulk_create(rows)


def send_lines(*, meeting_id: str, lines: Sequence[SentLine], by: User, address: str = "") -> list[Line]:
    """Keep what `by` said, all lines or none; what was sent before under the same client id is given as it was kept.

    The first line starts a meeting that has not started. Decrypting takes milliseconds a line, so it comes before
    anything is locked.

    Raises:
        All that `rules.transcribed` raises; meetings.exceptions.RoomBusy: another meeting runs in the room.
        transcripts.crypto.Undecryptable: a line is ciphertext that no secret of the meeting opens.
        config.lib.errors.RateLimited: too much could not be decrypted.
        EmptyLine; TooManyLabels; meetings.exceptions.InvalidMeeting: a name cannot be taken.
    """
    meeting = rules.transcribed(by, meeting_id)
    texts = _decrypted(lines, by, address)
    with transaction.atomic():
        meeting = Meeting.objects.lock(meeting)
        if meeting.started_at is None:
            meeting = meetings_actions.start(meeting=meeting, by=by)
        kept = _keep(meeting, lines, texts, by)
        audit.record("SEND", by=by, resource={"meetingId": meeting_id, "lines": len(lines)})
    return kept


def _decrypted(lines: Sequence[SentLine], by: User, address: str) -> list[str]:
    """Give the texts. For whoever failed too often nothing is tried: each answer would tell something of the secret,
    and each try takes milliseconds, also where what no secret opens is taken for text."""
    count = partial(limits.check, "RATE_UNDECRYPTABLE", by=by, address=address)
    tried = {line for line in lines if crypto.is_tried(line.message, line.is_encrypted)}
    if tried:
        count(calls=0)
    texts = []
    for line in lines:
        try:
            texts.append(_text_of(line))
        except crypto.Undecryptable:
            count()
            raise
        if line in tried and texts[-1] == line.message:
            count()
    return texts


def _text_of(line: SentLine) -> str:
    shared = settings.ENCRYPTION_SECRET if settings.ALLOW_SHARED_SECRET else ""
    text = crypto.classify(
        line.message,
        shared or NOBODYS_SECRET,
        hash=settings.WIRE_PBKDF2_HASH,
        gcm_hash=settings.LEGACY_GCM_HASH,
        is_encrypted=line.is_encrypted,
    )
    if not text.strip():
        raise EmptyLine
    return text


def _keep(meeting: Meeting, lines: Sequence[SentLine], texts: Sequence[str], by: User) -> list[Line]:
    """Store those that were not sent before, and give all in the order in which they were sent."""
    # A line without an id of its client's is like no other; no such id begins with a hash.
    ids = [line.client_id or f"#{number}" for number, line in enumerate(lines)]
    before = Line.objects.filter(meeting=meeting, author=by, client_id__in=ids).select_related("participant")
    kept = {line.client_id: line for line in before}
    names = {line.name: clean_name(line.name) for line in lines}
    speakers = {name: _participant(meeting, by, name) for name in names.values()}
    new: dict[str, NewLine] = {}
    for key, line, text in zip(ids, lines, texts, strict=True):
        if key not in kept and key not in new:
            new[key] = _new_line(meeting, line, text, speakers[names[line.name]], by)
    kept.update(zip(new, store_lines(meeting=meeting, lines=new.values()), strict=True))
    return [kept[key] for key in ids]


def _participant(meeting: Meeting, user: User, name: str) -> Participant:
    """Find or make the participant whose label `user` uses; the meeting's row is locked."""
    found = Participant.objects.filter(meeting=meeting, user=user, name=name).first()
    if found is not None:
        return found
    if Participant.objects.filter(meeting=meeting, user=user).count() >= MAX_LABELS:
        raise TooManyLabels
    last = meeting.participants.aggregate(last=Max("position", default=-1))["last"]
    return Participant.objects.create(meeting=meeting, user=user, name=name, position=last + 1)


def _new_line(meeting: Meeting, line: SentLine, text: str, speaker: Participant, by: User) -> NewLine:
    """Time a line: what does not say when it was said was said now."""
    end_ms = _now_ms(meeting) if line.end_ms is None else line.end_ms
    start_ms = min(_now_ms(meeting), end_ms) if line.start_ms is None else line.start_ms
    return NewLine(
        speaker=speaker,
        text=text,
        start_ms=start_ms,
        end_ms=start_ms if line.end_ms is None else end_ms,
        author=by,
        client_id=line.client_id,
        language=line.language,
    )


def _now_ms(meeting: Meeting) -> int:
    """Read the meeting's clock, which stands still once the meeting is over."""
    began = meeting.started_at or meeting.created_at
    now = meeting.ended_at or timezone.now()
    return min(max(0, round((now - began).total_seconds() * 1000)), MAX_INTEGER)


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


def follow_recognition(*, work: Work) -> None:
    """State that the transcript is there when the last track of a meeting is settled, recognised or not, and queue the
    notes; hears `work_settled`.

    The meeting's row is locked, so that of two tracks that settle at once the second sees the first.
    """
    if isinstance(work, TrackRecognition):
        _finish_transcript(Meeting.objects.lock(work.meeting))


def follow_meeting(*, meeting: Meeting) -> None:
    """The same for a meeting that is over, since its people may have sent lines; hears `meeting_ended`."""
    _finish_transcript(Meeting.objects.lock(meeting))


def _finish_transcript(meeting: Meeting) -> None:
    if meeting.recognitions.filter(UNSETTLED).exists() or not rules.has_lines(meeting):
        return
    facts.state("transcript_ready", meeting=meeting)
    if rules.can_have_notes(meeting):
        _queue_notes(meeting)


def request_notes(*, meeting_id: str, by: Person) -> Meeting:
    """Have the notes of a meeting written, anew where there are some; whoever asks while that is under way joins.

    Raises:
        ContentClosedToAdmins, meetings.exceptions.MeetingNotFound, config.lib.errors.NotAllowed: as `rules.readable`
            of meetings, for the right to edit.
        accounts.exceptions.FeatureNotInPlan, NoTranscript.
    """
    meeting = meetings_actions.open_meeting(
        meeting_id=meeting_id, content="summary", by=by, act="WRITE-NOTES", right=Right.EDIT
    )
    rules.check_notes(meeting)
    with transaction.atomic():
        _queue_notes(Meeting.objects.lock(meeting))
    return meeting


def _queue_notes(meeting: Meeting) -> None:
    """Queue the notes, whose row is never locked before the meeting's; here that is locked already."""
    NotesWriting.objects.filter(meeting=meeting).exclude(UNSETTLED).delete()
    if not NotesWriting.objects.filter(meeting=meeting).exists():
        enqueue(NotesWriting(meeting=meeting))


def write_notes(lease: Lease[NotesWriting]) -> None:
    """Write the notes of a meeting from its lines, and keep them encrypted in place of earlier ones.

    When the meeting is over, lines that came while the notes were written have them written once more: nobody would
    ask for that.
    """
    while not _write(lease):
        lease.check_stopping()


def _write(lease: Lease[NotesWriting]) -> bool:
    """Write and keep the notes; False where they must take in more."""
    meeting = lease.work.meeting
    spoken = [
        SpokenLine(id=line.id, speaker=line.user_name, start_ms=line.start_ms, end_ms=line.end_ms, text=line.message)
        for line in reading.lines_of(meeting.pk)
    ]
    names = [participant.name for participant in meeting.participants.all()]
    written = make_notes_engine(settings.NOTES_ENGINE).write(spoken, title=meeting.title, participants=names)
    with transaction.atomic():
        # Before the row of the work: in the order of those who queue.
        locked = Meeting.objects.lock(meeting)
        if locked.is_over and Line.objects.filter(meeting=meeting).count() != len(spoken):
            return False
        with lease.commit(done=True):
            _keep_notes(locked, written)
    return True


def _keep_notes(meeting: Meeting, written: WrittenNotes) -> None:
    Notes.objects.filter(meeting=meeting).delete()
    notes = Notes(meeting=meeting, generator=written.generator)
    notes.body = keys.cipher(meeting.pk).encrypt(reading.packed(written), row_id=notes.pk, field="notes.body")
    notes.save()
    meetings_actions.mark_summarised(meeting_id=meeting.pk)
    facts.state("summary_ready", meeting=meeting)


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
