"""Coming into a room with a token, and staying there: what the database says of it, at that moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from django.contrib.sessions.models import Session

from accounts.models import LoginSession, User
from accounts.rules import is_administrator, may_sign_in
from rooms.enums import RoomRole, lower_of
from rooms.exceptions import BadRoomToken, Removed, RoomLocked, RoomNotFound
from rooms.models import Room, RoomMember, Ruling
from rooms.realtime.protocol import HOSTS, Close
from rooms.realtime.standing import Arrival, Standing
from rooms.tokens import RoomClaims


def arrive(claims: RoomClaims, *, is_seated: bool) -> Arrival:
    """Let somebody in; `is_seated` says that they have a seat already, to which they come back.

    Raises:
        RoomNotFound, BadRoomToken, Removed, RoomLocked.
    """
    room = Room.objects.select_related("owner").filter(pk=claims.room_id).first()
    if room is None:
        raise RoomNotFound
    standing = _Register.of(room, [claims]).standing(claims)
    if standing.close == Close.REMOVED:
        raise Removed
    if standing.close:
        raise BadRoomToken("The sign-in of this room token has ended: ask for a new one.")
    if room.is_locked and standing.role not in HOSTS and not is_seated:
        raise RoomLocked
    return Arrival(
        person=claims.person,
        name=claims.name,
        role=standing.role,
        features=frozenset(room.owner.features),
        limit=None if standing.role == RoomRole.HOST else room.max_participants,
        facts={"lobby": _lobby(room)} if standing.role in HOSTS else {},
    )


def standings(room_id: str, seated: Sequence[RoomClaims]) -> dict[str, Standing]:
    """Say of those who sit in a room what they may be there by now, by seat; the queries are few, however many sit."""
    room = Room.objects.filter(pk=room_id).first()
    if room is None:
        gone = Standing(close=Close.NO_SUCH_ROOM, reason="room_deleted")
        return {claims.seat: gone for claims in seated}
    register = _Register.of(room, seated)
    return {claims.seat: register.standing(claims) for claims in seated}


def _lobby(room: Room) -> list[dict[str, str]]:
    return [{"ticket": ticket.pk, "username": ticket.name} for ticket in room.tickets.waiting().order_by("pk")]


@dataclass(frozen=True)
class _Register:
    """What decides about some people in a room."""

    room: Room
    users: Mapping[str, User]
    # The sign-ins of theirs that have not ended.
    sessions: frozenset[str]
    members: Mapping[str, str]
    rulings: Mapping[str, Ruling]

    @classmethod
    def of(cls, room: Room, seated: Sequence[RoomClaims]) -> Self:
        people = [claims.person for claims in seated]
        sign_ins = {claims.session_id for claims in seated if claims.session_id}
        pages = {claims.page for claims in seated if claims.page}
        return cls(
            room=room,
            users=User.objects.in_bulk([person for person in people if not person.startswith("g_")]),
            sessions=frozenset(
                [
                    *LoginSession.objects.open().filter(pk__in=sign_ins).values_list("pk", flat=True),
                    *Session.objects.filter(pk__in=pages).values_list("pk", flat=True),
                ]
            ),
            members=dict(RoomMember.objects.filter(room=room, user__in=people).values_list("user_id", "role")),
            rulings={ruling.person: ruling for ruling in Ruling.objects.filter(room=room, person__in=people)},
        )

    def standing(self, claims: RoomClaims) -> Standing:
        ruling = self.rulings.get(claims.person)
        if ruling is not None and ruling.is_removed:
            return Standing(close=Close.REMOVED, reason="removed")
        if not claims.is_guest and not self._is_signed_in(claims):
            return Standing(close=Close.BAD_TOKEN, reason="signed_out")
        role = self._role(claims)
        if role is None:
            return Standing(close=Close.REMOVED, reason="removed")
        return Standing(role=ruling.role if ruling and ruling.role else lower_of(role, claims.role))

    def _is_signed_in(self, claims: RoomClaims) -> bool:
        user = self.users.get(claims.person)
        if user is None or not may_sign_in(user) or is_administrator(user):
            return False
        return {claims.session_id, claims.page} - {None} <= self.sessions

    def _role(self, claims: RoomClaims) -> RoomRole | None:
        if claims.is_guest:
            return claims.role
        if claims.person == self.room.owner_id:
            return RoomRole.HOST
        member = self.members.get(claims.person)
        return RoomRole(member) if member else None
