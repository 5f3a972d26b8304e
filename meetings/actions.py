"""What is done to meetings."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts import audit
from accounts.enums import Outcome
from accounts.models import User
from accounts.rules import Person
from config.lib import keys
from config.lib.errors import DomainError
from meetings import rules
from meetings.models import Meeting, Participant
from meetings.names import clean_name, clean_title

# What the audit log keeps of an id that a stranger made up.
MAX_NAMED = 128


@transaction.atomic
def create_past(
    *, title: str, host: User, names: Sequence[str], started_at: datetime, ended_at: datetime, by: User
) -> Meeting:
    """Make a meeting that is over already, with the people who spoke in it, and its data key.

    The key is on disk before the meeting is committed; the caller removes it (`keys.destroy`) when its own transaction
    fails.

    Raises:
        InvalidMeeting: the title or a name cannot be taken.
    """
    meeting = Meeting.objects.create(title=clean_title(title), host=host, started_at=started_at, ended_at=ended_at)
    Participant.objects.bulk_create(
        Participant(meeting=meeting, name=clean_name(name), position=position) for position, name in enumerate(names)
    )
    audit.record("CREATE", by=by, resource={"meetingId": meeting.pk})
    # Last, so that whatever fails in here leaves no key.
    keys.create(meeting.pk)
    return meeting


@transaction.atomic
def add_recording(*, meeting: Meeting, recording_id: str) -> None:
    """Note that a recording belongs to the meeting; once, however often it is said."""
    row = Meeting.objects.select_for_update().get(pk=meeting.pk)
    if recording_id not in row.recording_ids:
        row.recording_ids.append(recording_id)
        row.save(update_fields=["recording_ids"])


def open_meeting(*, meeting_id: str, content: str, by: Person, address: str = "", act: str = "GET") -> Meeting:
    """Give the meeting that `by` wants to read, and put into the audit log that they did, or were refused.

    Raises:
        ContentClosedToAdmins, MeetingNotFound: as `rules.readable`.
    """
    resource = {"meetingId": meeting_id[:MAX_NAMED], "content": content}
    try:
        meeting = rules.readable(by, meeting_id)
    except DomainError:
        audit.record(act, by=by, resource=resource, outcome=Outcome.REFUSED, address=address)
        raise
    audit.record(act, by=by, resource=resource, address=address)
    return meeting


def mark_summarised(*, meeting_id: str) -> None:
    Meeting.objects.filter(pk=meeting_id).update(summary_generated=True)
