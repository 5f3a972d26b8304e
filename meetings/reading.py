"""Opening a meeting to somebody who reads it, which leaves a trace."""

from accounts import audit
from accounts.enums import Outcome
from accounts.rules import Person
from config.lib.errors import DomainError
from config.lib.ids import is_id, kept
from meetings import rules
from meetings.enums import Right
from meetings.models import Meeting


def open_meeting(*, meeting_id: str, content: str, by: Person, act: str = "GET", right: str = Right.VIEW) -> Meeting:
    """Give the meeting that `by` wants to read, and put into the audit log that they did, or were refused.

    Raises:
        ContentClosedToAdmins, MeetingNotFound, NotAllowed: as `rules.readable`.
    """
    resource = {"meetingId": kept(meeting_id), "content": content}
    try:
        meeting = rules.readable(by, meeting_id, right)
    except DomainError:
        whose = {**resource, **_host_of(meeting_id)}
        audit.record(act, by=by, resource=whose, outcome=Outcome.REFUSED)
        raise
    audit.record(act, by=by, resource=resource)
    return meeting


def _host_of(meeting_id: str) -> dict[str, str]:
    """Say whose meeting it is, if it is one, so that they find who tried to read it."""
    found = Meeting.objects.filter(pk=meeting_id).first() if is_id(meeting_id) else None
    return {"userId": found.host_id} if found else {}
