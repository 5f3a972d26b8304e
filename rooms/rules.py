"""Who may do what in a room."""

from collections.abc import Collection, Container

from django.conf import settings

from accounts.models import User
from accounts.rules import Person, check_feature, is_administrator, is_reader_account
from config.lib.errors import ContentClosedToAdmins, NotAllowed
from config.lib.ids import is_id
from rooms.enums import RoomRole, roles_below
from rooms.exceptions import RoleNotHeld, RoomNotFound
from rooms.models import Room, RoomFile, RoomMember

OWNER = frozenset({RoomRole.HOST})
HOSTS = frozenset({RoomRole.HOST, RoomRole.COHOST})
UPLOADERS = frozenset({*RoomRole} - {RoomRole.VIEWER})


def knows_name(user: Person, room: Room) -> bool:
    """A private room has no name for whoever does not belong to it."""
    return not room.is_private or role_of(user, room) is not None


def role_of(user: Person, room: Room) -> RoomRole | None:
    """Say what `user` is in the room; None for whoever does not belong to it, and for administrators."""
    if not is_reader_account(user):
        return None
    if room.owner_id == user.pk:
        return RoomRole.HOST
    member = RoomMember.objects.filter(room=room, user=user).first()
    return RoomRole(member.role) if member else None


def roles_of(users: Collection[User], room: Room) -> list[RoomRole]:
    """Give what those of the users who belong to the room are in it."""
    members = RoomMember.objects.filter(room=room, user__in=users).values_list("role", flat=True)
    return [*map(RoomRole, members), *([RoomRole.HOST] if room.owner in users else [])]


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


def check_own(user: Person) -> User:
    """Give the user when they may have rooms.

    Raises:
        ContentClosedToAdmins.
    """
    if not is_reader_account(user):
        raise ContentClosedToAdmins("Administrators' accounts hold no rooms: use the account of a user.")
    return user


def check_visit(user: User) -> None:
    """Raises: ContentClosedToAdmins, for who would hear what is said in rooms."""
    if is_administrator(user):
        raise ContentClosedToAdmins("What is said in rooms is closed to administrators: use the account of a user.")


def check_content(user: Person) -> None:
    """Raises: ContentClosedToAdmins, for what people put into rooms."""
    if is_administrator(user):
        raise ContentClosedToAdmins("What people keep in rooms is closed to administrators.")


def is_host(user: User, room: Room) -> bool:
    return role_of(user, room) in HOSTS


def check_appoint(user: User, room: Room, *roles: RoomRole) -> None:
    """Ask whether `user` may give or take these roles: those below their own.

    Raises:
        RoleNotHeld.
    """
    own = role_of(user, room)
    if own is None or not {*roles} <= {*roles_below(own)}:
        raise RoleNotHeld


def content_room(user: Person, room_id: str) -> Room:
    """Give the room whose files `user` may see: those of all rooms that they belong to.

    Raises:
        ContentClosedToAdmins: the user is an administrator, whichever room it is.
        RoomNotFound.
    """
    check_content(user)
    return room_of(user, room_id)


def check_upload(user: User, room: Room) -> None:
    """Ask whether `user` may put files into the room; viewers only read them.

    Raises:
        RoomNotFound, config.lib.errors.NotAllowed: as `room_of`.
        accounts.exceptions.FeatureNotInPlan: the owner's plan has no files.
    """
    check_feature(room_of(user, room.pk, among=UPLOADERS).owner, "enhanced_chat")


def most_bytes(room: Room) -> int:
    """Give what one file may have, which the owner's plan decides."""
    return settings.ROOM_FILE_MAX_BYTES[room.owner.plan]


def can_delete_file(user: User, room: Room, file: RoomFile) -> bool:
    return file.uploaded_by_id == user.pk or is_host(user, room)


def check_delete_file(user: User, room: Room, file: RoomFile) -> None:
    """Raises: config.lib.errors.NotAllowed."""
    if not can_delete_file(user, room, file):
        raise NotAllowed("Only hosts of the room and who sent the file may delete it.")


def check_delete_files(user: User, room: Room) -> None:
    """Raises: config.lib.errors.NotAllowed."""
    if not is_host(user, room):
        raise NotAllowed("Only hosts of the room may delete all its files.")
