"""Appointing and dismissing the members of a room."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_noop

from accounts import audit
from accounts.models import User
from accounts.rules import is_reader_account
from config.lib import facts
from config.lib.ids import is_id
from rooms import rules
from rooms.enums import RoomRole
from rooms.exceptions import AccountNotFound, MemberNotFound
from rooms.models import LobbyTicket, Room, RoomMember


@dataclass(frozen=True)
class Appointment:
    """A role for the account of an id or an e-mail; one of the two is empty."""

    role: RoomRole
    user_id: str = ""
    email: str = ""


@transaction.atomic
def appoint(*, room: Room, appointments: Sequence[Appointment], by: User) -> None:
    """Make people members of the room, or give members another role; all of them or nobody.

    Raises:
        AccountNotFound: there is no such account, or it can hold no content.
        RoleNotHeld: the new role or the present one is not below that of `by`.
    """
    Room.objects.locked(room.pk)
    for appointment in appointments:
        user = _account(appointment)
        rules.check_appoint(by, room, appointment.role, rules.role_of(user, room) or appointment.role)
        RoomMember.objects.update_or_create(room=room, user=user, defaults={"role": appointment.role})
        facts.state("member_changed", room=room, user=user)
        resource = {"roomId": room.pk, "userId": user.pk, "role": appointment.role}
        audit.record("APPOINT", by=by, resource=resource)


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
    facts.state("member_changed", room=room, user=member.user)
    LobbyTicket.objects.filter(room=room, user=user_id).delete()
    audit.record("DISMISS", by=by, resource={"roomId": room.pk, "userId": user_id})


def _account(appointment: Appointment) -> User:
    found = User.objects.filter(email=appointment.email.lower()) if appointment.email else None
    user = (found if found is not None else User.objects.filter(pk=appointment.user_id)).first()
    if user is None or not is_reader_account(user):
        named = "email" if appointment.email else "userId"
        said = gettext_noop("There is no such account.")
        raise AccountNotFound(said, **{named: [said]})
    return user
