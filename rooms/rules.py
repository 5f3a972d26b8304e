"""Who may do what in a room."""

from collections.abc import Container

from accounts.models import User
from accounts.rules import Person, is_administrator, is_reader_account
from config.lib.errors import ContentClosedToAdmins, NotAllowed
from config.lib.ids import is_id
from rooms.enums import RoomRole
from rooms.exceptions import RoomNotFound
from rooms.models import Room, RoomMember

HOSTS = frozenset({RoomRole.HOST, RoomRole.COHOST})


def role_of(user: Person, room: Room) -> RoomRole | None:
    """Say what `user` is in the room; None for whoever does not belong to it, and for administrators."""
    if not is_reader_account(user):
        return None
    if room.owner_id == user.pk:
        return RoomRole.HOST
    member = RoomMember.objects.filter(room=room, user=user).first()
    return RoomRole(member.role) if member else None


def room_of(user: Person, room_id: str, *, among: Container[RoomRole] | None = None) -> Room:
    """Give a room that `user` belongs to, in one of the roles if any are named.

    Raises:
        RoomNotFound: there is none, or the user does not belong to it.
        config.lib.errors.NotAllowed: the user belongs to it in another role.
    """
    room = Room.objects.select_related("owner").filter(pk=room_id).first() if is_id(room_id) else None
    role = role_of(user, room) if room else None
    if room is None or role is None:
        raise RoomNotFound
    if among is not None and role not in among:
        raise NotAllowed("In this room that is for others to do.")
    return room


def can_own(user: Person) -> bool:
    return is_reader_account(user)


def check_own(user: Person) -> None:
    """Raises: ContentClosedToAdmins."""
    if not can_own(user):
        raise ContentClosedToAdmins("Administrators' accounts hold no rooms: use the account of a user.")


def check_content(user: Person) -> None:
    """Raises: ContentClosedToAdmins, for what people put into rooms."""
    if is_administrator(user):
        raise ContentClosedToAdmins("What people keep in rooms is closed to administrators.")


def is_host(user: User, room: Room) -> bool:
    return role_of(user, room) in HOSTS
