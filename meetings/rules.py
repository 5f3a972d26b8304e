"""Who may do what with a meeting."""

from accounts.rules import Person, is_administrator, is_reader_account
from config.lib.errors import ContentClosedToAdmins
from config.lib.ids import is_id
from meetings.exceptions import MeetingNotFound
from meetings.models import Meeting


def readable(user: Person, meeting_id: str) -> Meeting:
    """Give the meeting that `user` may read.

    Raises:
        ContentClosedToAdmins: the user is an administrator, whichever meeting it is.
        MeetingNotFound: there is none, or it is somebody else's; the two are not told apart.
    """
    if is_administrator(user):
        raise ContentClosedToAdmins("What was said in meetings is closed to administrators.")
    # What is no id does not reach the database, which cannot even be asked for some texts.
    meeting = Meeting.objects.visible_to(user).filter(pk=meeting_id).first() if is_id(meeting_id) else None
    if meeting is None:
        raise MeetingNotFound
    return meeting


def can_host(user: Person) -> bool:
    return is_reader_account(user)
