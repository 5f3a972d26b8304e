"""What the pages of rooms show, made of rows."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from accounts.models import User
from rooms import reading, rules
from rooms.enums import RoomRole, roles_below
from rooms.links import join_url
from rooms.models import MOST_WAITING, GuestInvite, LobbyTicket, Room, RoomFile, RoomMember
from rooms.reading import NamedFile

# More members than anybody looks through; the newest ones are those of whom something may be to do.
MEMBERS = 200


def room_page(room: Room, user: User, files: Sequence[RoomFile]) -> dict[str, Any]:
    """Give what everybody sees of a room and these files who belongs to it, and what its hosts see beside it."""
    role = rules.role_of(user, room) or RoomRole.VIEWER
    shown = {
        "room": room,
        "role": role,
        "is_host": role in rules.HOSTS,
        "is_owner": role in rules.OWNER,
        "join_url": join_url(room.pk),
        "files": [(file, _may_delete(file, user, role)) for file in reading.named(room, files)],
        "has_files": room.owner.has_feature("enhanced_chat"),
        "can_upload": role in rules.UPLOADERS,
        "max_bytes": rules.most_bytes(room),
        "max_page_bytes": settings.BODY_MAX_BYTES,
    }
    return {**shown, **_for_hosts(room, role)}


def lobby_of(room: Room) -> list[LobbyTicket]:
    return list(room.tickets.waiting().order_by("pk")[:MOST_WAITING])


def _may_delete(file: NamedFile, user: User, role: RoomRole) -> bool:
    return role in rules.HOSTS or file.row.uploaded_by_id == user.pk


def _for_hosts(room: Room, role: RoomRole) -> dict[str, Any]:
    if role not in rules.HOSTS:
        return {}
    return {
        "waiting": lobby_of(room),
        "members": _members(room, role),
        "invites": GuestInvite.objects.open().filter(room=room).order_by("-pk"),
    }


def _members(room: Room, role: RoomRole) -> list[tuple[RoomMember, bool]]:
    """Give the members, and whether somebody of this role may dismiss them."""
    below = roles_below(role)
    return [(member, member.role in below) for member in room.members.select_related("user").order_by("-pk")[:MEMBERS]]
