"""The house of the room, with what its database would say."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any

from rooms.conversation.kinds import KINDS
from rooms.exceptions import Removed, RoomLocked
from rooms.realtime.events import Event
from rooms.realtime.member import Member
from rooms.realtime.protocol import EVERYBODY, HOSTS, Close, Kind, Payload
from rooms.realtime.seats import Seat
from rooms.realtime.standing import Arrival, Standing
from rooms.tokens import RoomClaims

# As many people as the room takes, but for hosts.
LIMIT = 4
ROLES = {
    "host": "host",
    "cohost": "cohost",
    "participant": "participant",
    "viewer": "viewer",
    "participant-2": "viewer",
}


class Said(Payload):
    text: str


async def _say(context: Any, payload: Said) -> None:
    await context.pass_on(payload)


async def _note(context: Any, payload: Said) -> None:
    await context.pass_on(payload, writes=(context.written_state("noted", payload.text or None),))


def _kind(name: str, *, is_kept: bool = False, handler: Any = _say) -> Kind:
    return Kind(
        name=name, payload=Said, senders=EVERYBODY, to="", summary="", is_kept=is_kept, rate="signal", handler=handler
    )


class Register:
    """The house, with what its database would say."""

    def __init__(self) -> None:
        # Nobody is as quick as a test: the limits are not what it is about.
        quick = {kind.name: replace(kind, rate="signal") for kind in KINDS}
        own = (_kind("kept", is_kept=True), _kind("unkept"), _kind("noted", handler=_note))
        self.kinds = {**quick, **{kind.name: kind for kind in own}}
        self.roles = dict(ROLES)
        self.removed: set[str] = set()
        self.is_locked = False
        # Seats that were taken and not given up yet, as attendance has them.
        self.present: Counter[str] = Counter()

    async def arrive(self, claims: RoomClaims, *, is_seated: bool) -> Arrival:
        if claims.person in self.removed:
            raise Removed
        role = self.roles[claims.person]
        if self.is_locked and role not in HOSTS and not is_seated:
            raise RoomLocked
        await asyncio.sleep(0)
        limit = None if role == "host" else LIMIT
        return Arrival(
            person=claims.person, name=claims.name, role=role, features=frozenset(), limit=limit, facts={"lobby": []}
        )

    async def arrived(self, room_id: str, seat: Seat, *, is_new: bool, **about: Any) -> dict[str, Any]:
        self.present[seat.pid] += is_new
        return {}

    async def past(self, claims: RoomClaims, arrival: Arrival, *, is_back: bool) -> list[Event]:
        return []

    async def left(self, room_id: str, seat: Seat, reason: str) -> None:
        self.present[seat.pid] -= 1

    async def inspect(self, room_id: str, members: list[Member]) -> dict[str, Standing]:
        await asyncio.sleep(0)
        return {member.pid: self._standing(member.person) for member in members}

    def _standing(self, person: str) -> Standing:
        if person in self.removed:
            return Standing(close=Close.REMOVED, reason="removed")
        return Standing(role=self.roles[person])
