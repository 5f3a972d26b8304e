"""Appointing and dismissing the members of a room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from accounts import audit, naming
from accounts.models import User
from config.lib import facts
from config.lib.ids import is_id
from rooms import rules
from rooms.enums import RoomRole
from rooms.exceptions import MemberNotFound
from rooms.models import LobbyTicket, Room, RoomMember


@dataclass(frozen=True)
class Appointment:
    """A role for the account of an id or an e-mail."""

    role: RoomRole
    name: str


def appoint(*, room: Room, appointments: Sequence[Appointment], by: User) -> None:
    """Make people members of the room, or give members another role; all of them or nobody.

    Raises:
        accounts.exceptions.AccountNotFound, config.lib.errors.RateLimited: as `accounts.naming.readers`.
        RoleNotHeld: a new role or a present one is not below that of `by`.
    """
    users = naming.readers([appointment.name for appointment in appointments], by=by)
    # Whoever is named twice gets the last role.
    _appoint(room, {user: appointment.role for user, appointment in zip(users, appointments, strict=True)}, by)


@transaction.atomic
def _appoint(room: Room, wanted: Mapping[User, RoomRole], by: User) -> None:
    Room.objects.locked(room.pk)
    rules.check_appoint(by, room, *wanted.values(), *rules.roles_of(wanted, room))
    RoomMember.objects.bulk_create(
        (RoomMember(room=room, user=user, role=role) for user, role in wanted.items()),
        update_conflicts=True,
        unique_fields=["room", "user"],
        update_fields=["role"],
    )
    facts.state("members_changed", room=room, users=[*wanted])
    resources = [{"roomId": room.pk, "userId": user.pk, "role": role} for user, role in wanted.items()]
    audit.record_each("APPOINT", by=by, resources=resources)


@transaction.atomic
def remove(*, room: Room, user_id: str, by: User) -> None:
    """Take somebody's membership, and what they were admitted by; everybody may take their own.

    Raises:
        MemberNotFound.
        RoleNotHeld: the member's role is not below that of `by`.
    """
    Room.objects.locked(room.pk)
    member = RoomMember.objects.filter(room=room, user=user_id).first() if is_id(user_id) else None
    if member is None:
        raise MemberNotFound
    if member.user_id != by.pk:
        rules.check_appoint(by, room, RoomRole(member.role))
    member.delete()
    facts.state("members_changed", room=room, users=[member.user])
    LobbyTicket.objects.filter(room=room, user=user_id).delete()
    audit.record("DISMISS", by=by, resource={"roomId": room.pk, "userId": user_id})
