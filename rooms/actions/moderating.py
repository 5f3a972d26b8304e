"""What hosts decide while a meeting runs: who stays out, who is what, whether anybody new comes in."""

from django.db import transaction

from accounts import audit
from accounts.models import User
from config.lib.errors import NotAllowed
from rooms import rules
from rooms.actions import joining
from rooms.enums import RoomRole, roles_below
from rooms.exceptions import RoleNotHeld
from rooms.models import Room, Ruling
from rooms.realtime import publishing
from rooms.tokens import GUEST

# In place of a ticket.
ALL = "all"


@transaction.atomic
def lock(*, room_id: str, is_locked: bool, person: str) -> None:
    """Let nobody new into the room, or again; `person` is the host who says so.

    Raises:
        RoomNotFound, config.lib.errors.NotAllowed.
    """
    room, by, _ = _hosted(room_id, person)
    room.is_locked = is_locked
    room.save(update_fields=["is_locked"])
    audit.record("LOCK-ROOM" if is_locked else "UNLOCK-ROOM", by=by, resource={"roomId": room.pk})


@transaction.atomic
def change_role(*, room_id: str, whom: str, role: RoomRole, person: str) -> None:
    """Make somebody something else while the meeting runs; guests become presenters at most.

    Raises:
        RoomNotFound, config.lib.errors.NotAllowed, RoleNotHeld.
    """
    room, by, own = _hosted(room_id, person)
    _check_whom(room, own, whom, role)
    Ruling.objects.update_or_create(room=room, person=whom, defaults={"role": role})
    audit.record("CHANGE-ROLE", by=by, resource={"roomId": room.pk, "person": whom, "role": role})
    publishing.look(room.pk)


@transaction.atomic
def remove(*, room_id: str, whom: str, person: str) -> None:
    """Put somebody out; they stay out while the meeting runs.

    Raises:
        RoomNotFound, config.lib.errors.NotAllowed, RoleNotHeld.
    """
    room, by, own = _hosted(room_id, person)
    _check_whom(room, own, whom, RoomRole.VIEWER)
    Ruling.objects.update_or_create(room=room, person=whom, defaults={"is_removed": True})
    audit.record("REMOVE", by=by, resource={"roomId": room.pk, "person": whom})
    publishing.look(room.pk)


@transaction.atomic
def decide(*, room_id: str, ticket: str, admit: bool, person: str) -> None:
    """Let somebody in who waits before the door, or everybody (`all`); or refuse them.

    Raises:
        RoomNotFound, config.lib.errors.NotAllowed, TicketNotFound.
    """
    room, by, _ = _hosted(room_id, person)
    if ticket == ALL:
        joining.decide_all(room=room, admit=admit, by=by)
    else:
        joining.decide(room=room, ticket_id=ticket, admit=admit, by=by)


def forget(*, room: Room) -> None:
    """Forget what was decided in a meeting that is over, in the caller's transaction."""
    Ruling.objects.filter(room=room).delete()
    Room.objects.filter(pk=room.pk).update(is_locked=False)


def _hosted(room_id: str, person: str) -> tuple[Room, User, RoomRole]:
    """Give the room and who hosts it by now, with what they are there."""
    by = User.objects.get(pk=person)
    room = Room.objects.locked(room_id)
    own = _role(room, person)
    if own not in rules.HOSTS or own is None:
        raise NotAllowed("In this room that is for its hosts to do.")
    return room, by, own


def _role(room: Room, person: str) -> RoomRole | None:
    """Say what somebody is in the room while the meeting runs; of guests only what was decided is known."""
    ruling = room.rulings.filter(person=person).exclude(role="").first()
    if ruling is not None:
        return RoomRole(ruling.role)
    user = None if person.startswith(GUEST) else User.objects.filter(pk=person).first()
    return rules.role_of(user, room) if user else None


def _check_whom(room: Room, own: RoomRole, whom: str, role: RoomRole) -> None:
    """Ask whether who is `own` may have `whom` become `role`: people decide over those below them.

    Raises:
        RoleNotHeld.
    """
    has = _role(room, whom)
    is_too_much = whom.startswith(GUEST) and role == RoomRole.COHOST
    if is_too_much or not {role, *([has] if has else [])} <= {*roles_below(own)}:
        raise RoleNotHeld
