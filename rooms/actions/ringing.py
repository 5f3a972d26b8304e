"""Ringing somebody up: a call to one person's tabs, and what comes of it."""

from django.core.cache import cache
from django.db import transaction

from accounts import audit, limits, notices, trail
from accounts.models import User
from config.lib.errors import NotAllowed
from config.lib.ids import is_id, new_id
from rooms import rules
from rooms.exceptions import AlreadyRinging, CallNotFound, MemberNotFound
from rooms.models import Room

# For so many seconds it rings; so long somebody rings another once.
RING_SECONDS = 45


def ring(*, room_id: str, whom: str, by: User) -> str:
    """Ring another member of a room up, on all their tabs; give the id of the call.

    Raises:
        RoomNotFound: `by` does not belong to the room.
        MemberNotFound: whoever is rung up does not.
        AlreadyRinging; config.lib.errors.RateLimited.
    """
    room = rules.room_of(by, room_id)
    limits.check("RATE_RING", by=by, address=trail.current().address)
    callee = _member(room, whom)
    call_id = new_id()
    if not cache.add(_between(by.pk, callee.pk), call_id, RING_SECONDS):
        raise AlreadyRinging
    cache.set(_name(call_id), (by.pk, callee.pk), RING_SECONDS)
    with transaction.atomic():
        audit.record("RING", by=by, resource={"roomId": room.pk, "person": callee.pk})
        said = notices.Ringing(callId=call_id, caller=by.pk, username=by.full_name, roomId=room.pk)
        notices.notify([callee.pk], said)
    return call_id


def answer(*, call_id: str, accept: bool, cause: str, by: User) -> None:
    """Take a call or refuse it, or, as who rings, give it up; the tabs of both are told, and the first answer counts.

    Raises:
        CallNotFound: it is over, or somebody else's.
        config.lib.errors.NotAllowed: who rings takes the call.
    """
    pair = cache.get(_name(call_id)) if is_id(call_id) else None
    if pair is None or by.pk not in pair:
        raise CallNotFound
    caller, callee = pair
    if accept and by.pk != callee:
        raise NotAllowed("Only who is rung up can take the call.")
    if not cache.delete(_name(call_id)):
        raise CallNotFound
    cache.delete(_between(caller, callee))
    notices.notify(pair, notices.RingAnswered(callId=call_id, accept=accept, cause=cause))


def _member(room: Room, user_id: str) -> User:
    user = User.objects.filter(pk=user_id).first() if is_id(user_id) else None
    if user is None or rules.role_of(user, room) is None:
        raise MemberNotFound
    return user


def _name(call_id: str) -> str:
    return f"call:{call_id}"


def _between(caller: str, callee: str) -> str:
    return f"ringing:{caller}:{callee}"
