"""Who may add to a transcript, and who may have notes written."""

from accounts.models import User
from accounts.rules import check_feature
from config.lib.errors import NotAllowed
from meetings import rules as meetings_rules
from meetings.exceptions import MeetingNotStarted
from meetings.models import Meeting
from transcripts.exceptions import ConsentWithheld, NoTranscript, TranscriptDisabled
from transcripts.models import Line


def transcribed(user: User, meeting_id: str) -> Meeting:
    """Give the meeting whose transcript takes what `user` says.

    Raises:
        ContentClosedToAdmins, MeetingNotFound, NotAllowed: as `participated` of meetings.
        MeetingNotStarted: it is for somebody else to begin it.
        accounts.exceptions.FeatureNotInPlan: the host's plan has no transcripts.
        TranscriptDisabled: the host wants none.
        ConsentWithheld: the user wants to be in none.
    """
    meeting = meetings_rules.participated(user, meeting_id)
    if not meetings_rules.can_speak(user, meeting):
        raise NotAllowed("Only those who speak in the meeting add to its transcript.")
    if meeting.started_at is None and not meetings_rules.is_manager(user, meeting):
        raise MeetingNotStarted
    _check_transcribed(meeting)
    if not meetings_rules.takes_part(user, meeting):
        raise ConsentWithheld
    return meeting


def check_live(room_id: str) -> None:
    """Ask whether what is said in a room may be transcribed: where no meeting runs, that is decided later.

    Raises:
        accounts.exceptions.FeatureNotInPlan: the host's plan has no transcripts.
        TranscriptDisabled: the host wants none.
    """
    meeting = Meeting.objects.running_in(room_id)
    if meeting is not None:
        _check_transcribed(meeting)


def live(room_id: str, person: str) -> Meeting:
    """Give the meeting of a room whose transcript takes what a user or guest says there.

    Raises:
        MeetingNotStarted: none runs.
        accounts.exceptions.FeatureNotInPlan, TranscriptDisabled: as `check_live`.
        ConsentWithheld: the person wants to be in none.
    """
    meeting = Meeting.objects.running_in(room_id)
    if meeting is None:
        raise MeetingNotStarted
    _check_transcribed(meeting)
    if person in meetings_rules.withheld_in(room_id):
        raise ConsentWithheld
    return meeting


def _check_transcribed(meeting: Meeting) -> None:
    check_feature(meeting.host, "transcripts")
    if not meeting.transcript_enabled:
        raise TranscriptDisabled


def can_have_notes(meeting: Meeting) -> bool:
    return meeting.host.has_feature("summaries") and has_lines(meeting)


def check_notes(meeting: Meeting) -> None:
    """Raise where `can_have_notes` says no.

    Raises:
        accounts.exceptions.FeatureNotInPlan, NoTranscript.
    """
    check_feature(meeting.host, "summaries")
    if not has_lines(meeting):
        raise NoTranscript


def has_lines(meeting: Meeting) -> bool:
    return Line.objects.filter(meeting=meeting).exists()
