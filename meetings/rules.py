"""Who may do what with a meeting."""

from collections.abc import Iterable

from accounts.models import User
from accounts.rules import Person, is_administrator, is_reader_account
from config.lib.errors import ContentClosedToAdmins, NotAllowed
from config.lib.ids import is_id
from meetings.enums import ALL_RIGHTS, Right
from meetings.exceptions import MeetingNotFound
from meetings.models import AccessGrant, Attendance, Consent, Invitation, Meeting, Participant
from rooms import rules as rooms_rules
from rooms.enums import RoomRole


def rights_of(user: Person, meeting: Meeting) -> frozenset[str]:
    """Give the rights that `user` has to the meeting's content; none for administrators."""
    if not is_reader_account(user):
        return frozenset()
    if meeting.host_id == user.pk:
        return frozenset(ALL_RIGHTS)
    rights: set[str] = set()
    if Participant.objects.filter(meeting=meeting, user=user).exists():
        rights.update(meeting.participant_rights)
    return frozenset(
        rights.union(*AccessGrant.objects.filter(meeting=meeting, user=user).values_list("rights", flat=True))
    )


def readable(user: Person, meeting_id: str, right: str = Right.VIEW) -> Meeting:
    """Give the meeting whose content `user` may view, or has another right to.

    Raises:
        ContentClosedToAdmins: the user is an administrator, whichever meeting it is.
        MeetingNotFound: there is none, or it is somebody else's; the two are not told apart.
        config.lib.errors.NotAllowed: the user may know of it, and has not the right.
    """
    check_reader(user)
    # What is no id does not reach the database, which cannot even be asked for some texts.
    found = Meeting.objects.visible_to(user, right).select_related("host").filter(pk=meeting_id)
    meeting = found.first() if is_id(meeting_id) else None
    if meeting is not None:
        return meeting
    if right != Right.VIEW:
        known(user, meeting_id)
        raise NotAllowed("You have not the right to do this with the meeting.")
    raise MeetingNotFound


def check_reader(user: Person) -> None:
    """Raises: ContentClosedToAdmins."""
    if is_administrator(user):
        raise ContentClosedToAdmins("What was said in meetings is closed to administrators.")


def known(user: Person, meeting_id: str) -> Meeting:
    """Give a meeting that `user` may know of.

    Raises:
        ContentClosedToAdmins, MeetingNotFound: as `readable`.
    """
    check_reader(user)
    found = Meeting.objects.known_to(user).select_related("host", "room").filter(pk=meeting_id)
    meeting = found.first() if is_id(meeting_id) else None
    if meeting is None:
        raise MeetingNotFound
    return meeting


def is_manager(user: Person, meeting: Meeting) -> bool:
    """Say whether `user` is a host or co-host: of the meeting or, while it is not over, of its room."""
    if not is_reader_account(user):
        return False
    if meeting.host_id == user.pk or AccessGrant.objects.filter(meeting=meeting, user=user, is_cohost=True).exists():
        return True
    return meeting.room is not None and not meeting.is_over and rooms_rules.is_host(user, meeting.room)


def managed(user: User, meeting_id: str) -> Meeting:
    """Give the meeting that `user` manages.

    Raises:
        ContentClosedToAdmins, MeetingNotFound: as `readable`.
        config.lib.errors.NotAllowed: the user takes part in it only.
    """
    meeting = known(user, meeting_id)
    if not is_manager(user, meeting):
        raise NotAllowed("Only the host and co-hosts of the meeting may do this.")
    return meeting


def deletable(user: User, meeting_id: str) -> Meeting:
    """Give the meeting that `user` manages, or has the right to delete.

    Raises:
        ContentClosedToAdmins, MeetingNotFound: as `readable`.
        config.lib.errors.NotAllowed.
    """
    meeting = known(user, meeting_id)
    if not is_manager(user, meeting) and Right.DELETE not in rights_of(user, meeting):
        raise NotAllowed("Only the host, co-hosts and who was given the right may delete the meeting.")
    return meeting


def participated(user: User, meeting_id: str) -> Meeting:
    """Give the meeting in which `user` takes part.

    Raises:
        ContentClosedToAdmins, MeetingNotFound: as `readable`.
        config.lib.errors.NotAllowed: the user was given rights to it only.
    """
    meeting = known(user, meeting_id)
    if not is_participant(user, meeting):
        raise NotAllowed("Only those who take part in the meeting may do this.")
    return meeting


def is_participant(user: User, meeting: Meeting) -> bool:
    """Say whether `user` takes part: as host, co-host, participant, invited, or member of the room while it is used."""
    if is_manager(user, meeting) or Participant.objects.filter(meeting=meeting, user=user).exists():
        return True
    if Invitation.objects.of(user).filter(meeting=meeting).exists():
        return True
    return meeting.room is not None and meeting.ended_at is None and rooms_rules.role_of(user, meeting.room) is not None


def can_speak(user: User, meeting: Meeting) -> bool:
    """Say whether what `user` says is part of the meeting: that of its managers and of those who spoke before; while it
    is not over, also that of the invited and of the room's members, but for those who only watch."""
    if is_manager(user, meeting) or Participant.objects.filter(meeting=meeting, user=user).exists():
        return True
    if meeting.is_over:
        return False
    role = rooms_rules.role_of(user, meeting.room) if meeting.room else None
    return role != RoomRole.VIEWER and is_participant(user, meeting)


def check_move(user: User, meeting: Meeting) -> None:
    """Raise where `user` may not take the meeting into another room, whose members would come to know of it.

    Raises:
        config.lib.errors.NotAllowed.
    """
    if Right.GRANT not in rights_of(user, meeting):
        raise NotAllowed("Only who may give rights to the meeting moves it to another room.")


def takes_part(user: User, meeting: Meeting) -> bool:
    """Say whether `user` lets recording and transcription have what they say; who never answered does."""
    return not Consent.objects.filter(meeting=meeting, user=user, take_part=False).exists()


def check_host(user: Person) -> User:
    """Give the user when they may have meetings.

    Raises:
        ContentClosedToAdmins.
    """
    if not is_reader_account(user):
        raise ContentClosedToAdmins("Administrators' accounts hold no meetings: use the account of a user.")
    return user


def people_in(room_id: str) -> set[str]:
    """Give the ids of users and guests who are in a room at this moment."""
    return set(Attendance.objects.in_room(room_id).values_list("person", flat=True))


def withheld_in(room_id: str) -> set[str]:
    """Give the ids of users and guests who let nothing of what they say in the meeting of a room be kept."""
    return {person for _, person in withheld([room_id])}


def withheld(room_ids: Iterable[str]) -> set[tuple[str, str]]:
    """Give them for several rooms: each with the room."""
    running = Consent.objects.filter(
        meeting__room__in=room_ids, meeting__started_at__isnull=False, meeting__ended_at=None
    )
    answers = running.filter(take_part=False).values_list("meeting__room", "user", "guest")
    return {(room_id, user or guest) for room_id, user, guest in answers}
