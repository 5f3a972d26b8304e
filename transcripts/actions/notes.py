"""Writing notes, and what follows from the end of work and of meetings."""

from django.conf import settings
from django.db import transaction

from accounts import audit, notices
from accounts.models import User
from accounts.rules import Person
from config.lib import facts, keys
from config.lib.work import UNSETTLED, Lease, Work, enqueue, requeue
from meetings import access
from meetings import actions as meetings_actions
from meetings.enums import Right
from meetings.models import Meeting
from meetings.reading import open_meeting
from transcripts import reading, rules
from transcripts.models import Line, Notes, NotesWriting, TrackRecognition
from transcripts.notes.engines import make_notes_engine
from transcripts.notes.types import SpokenLine, WrittenNotes


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
    access.tell_readers(meeting, notices.TranscriptReady(meetingId=meeting.pk))
    if rules.can_have_notes(meeting):
        _queue_notes(meeting)


def request_notes(*, meeting_id: str, by: Person) -> Meeting:
    """Have the notes of a meeting written, anew where there are some; whoever asks while that is under way joins.

    Raises:
        ContentClosedToAdmins, meetings.exceptions.MeetingNotFound, config.lib.errors.NotAllowed: as `rules.readable`
            of meetings, for the right to edit.
        accounts.exceptions.FeatureNotInPlan, NoTranscript.
    """
    meeting = open_meeting(meeting_id=meeting_id, content="summary", by=by, act="WRITE-NOTES", right=Right.EDIT)
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
    access.tell_readers(meeting, notices.SummaryReady(meetingId=meeting.pk))


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
