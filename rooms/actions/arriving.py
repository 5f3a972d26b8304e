"""Coming into a room with a token, and staying there: what the database says of it, at that moment."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from django.contrib.sessions.models import Session

from accounts.models import LoginSession, User
from accounts.rules import is_administrator, may_sign_in
from accounts.sessions import bound_to
from config.lib.errors import DomainError
from rooms.enums import RoomRole, lower_of
from rooms.exceptions import BadRoomToken, Removed, RoomLocked, RoomNotFound
from rooms.models import LobbyTicket, Room, RoomMember, Ruling
from rooms.realtime.protocol import HOSTS, Close
from rooms.realtime.standing import Arrival, Standing
from rooms.tokens import GUEST, RoomClaims

# What hosts are told of those who wait before the door, the first first.
Lobby = list[dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Comer:
    """Somebody who wants to come in; `is_seated` says that they have a seat already, to which they come back."""

    claims: RoomClaims
    is_seated: bool


def arrive(comers: Sequence[Comer]) -> list[Arrival | DomainError]:
    """Let people in, or say of each why not: `RoomNotFound`, `BadRoomToken`, `Removed` or `RoomLocked`; the queries are
    few, however many come into however many rooms."""
    register = _Register.of([comer.claims for comer in comers])
    hosted = {comer.claims.room_id for comer in comers if register.standing(comer.claims).role in HOSTS}
    lobbies = _lobbies(hosted)
    return [_let_in(register, lobbies, comer) for comer in comers]


def standings(seated: Sequence[RoomClaims]) -> dict[str, Standing]:
    """Say of those who sit in rooms what they may be there by now, by seat; the queries are few, however many sit."""
    register = _Register.of(seated)
    return {claims.seat: register.standing(claims) for claims in seated}


def _let_in(register: "_Register", lobbies: Mapping[str, Lobby], comer: Comer) -> Arrival | DomainError:
    claims = comer.claims
    room, standing = register.rooms.get(claims.room_id), register.standing(claims)
    if room is None:
        return RoomNotFound()
    if standing.close == Close.REMOVED:
        return Removed()
    if standing.close:
        return BadRoomToken("The sign-in of this room token has ended: ask for a new one.")
    if room.is_locked and standing.role not in HOSTS and not comer.is_seated:
        return RoomLocked()
    return Arrival(
        person=claims.person,
        name=claims.name,
        role=standing.role,
        features=frozenset(room.owner.features),
        limit=None if standing.role == RoomRole.HOST else room.max_participants,
        facts={"lobby": lobbies.get(room.pk, [])} if standing.role in HOSTS else {},
    )


def _lobbies(room_ids: Iterable[str]) -> Mapping[str, Lobby]:
    """Give who waits before the doors of rooms."""
    lobbies: dict[str, Lobby] = defaultdict(list)
    for ticket in LobbyTicket.objects.waiting().filter(room__in=room_ids).order_by("pk"):
        lobbies[ticket.room_id].append({"ticket": ticket.pk, "username": ticket.name})
    return lobbies


@dataclass(frozen=True)
class _Register:
    """What decides about some people in some rooms."""

    rooms: Mapping[str, Room]
    users: Mapping[str, User]
    # The sign-ins of theirs that have not ended.
    sessions: frozenset[str]
    # By room and person.
    members: Mapping[tuple[str, str], str]
    rulings: Mapping[tuple[str, str], Ruling]

    @classmethod
    def of(cls, seated: Sequence[RoomClaims]) -> Self:
        rooms = {claims.room_id for claims in seated}
        people = {claims.person for claims in seated}
        sign_ins = {claims.session_id for claims in seated if claims.session_id}
        pages = {claims.page for claims in seated if claims.page}
        members = RoomMember.objects.filter(room__in=rooms, user__in=people)
        rulings = Ruling.objects.filter(room__in=rooms, person__in=people)
        return cls(
            rooms=Room.objects.select_related("owner").in_bulk(rooms),
            users=User.objects.in_bulk([person for person in people if not person.startswith(GUEST)]),
            sessions=frozenset(
                [
                    *LoginSession.objects.open().filter(pk__in=sign_ins).values_list("pk", flat=True),
                    *Session.objects.filter(pk__in=pages).values_list("pk", flat=True),
                ]
            ),
            members={(room_id, person): role for room_id, person, role in members.values_list("room", "user", "role")},
            rulings={(ruling.room_id, ruling.person): ruling for ruling in rulings},
        )

    def standing(self, claims: RoomClaims) -> Standing:
        if claims.room_id not in self.rooms:
            return Standing(close=Close.NO_SUCH_ROOM, reason="room_deleted")
        ruling = self.rulings.get((claims.room_id, claims.person))
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
        if claims.page is not None and claims.bound_to != bound_to(user):
            return False
        return {claims.session_id, claims.page} - {None} <= self.sessions

    def _role(self, claims: RoomClaims) -> RoomRole | None:
        if claims.is_guest:
            return claims.role
        if claims.person == self.rooms[claims.room_id].owner_id:
            return RoomRole.HOST
        member = self.members.get((claims.room_id, claims.person))
        return RoomRole(member) if member else None
