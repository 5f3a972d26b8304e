"""People who talk in a room, in this process, over the code behind every socket; the house is the test's own."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import msgspec

from accounts.features import PROFESSIONAL
from config.lib.ids import new_id
from config.realtime import KINDS
from rooms.conversation.connection import Connection
from rooms.enums import RoomRole
from rooms.realtime.events import Batch, Form
from rooms.realtime.hub import Hub
from rooms.realtime.standing import Arrival
from rooms.tokens import GUEST, RoomClaims

SECONDS = 10


class House:
    """Lets everybody in, as what their token says."""

    kinds = KINDS

    def __init__(self) -> None:
        self.features = frozenset(PROFESSIONAL)

    async def arrive(self, claims: RoomClaims, *, is_seated: bool) -> Arrival:
        return Arrival(
            person=claims.person,
            name=claims.name,
            role=claims.role.value,
            features=self.features,
            limit=None,
            facts={},
        )

    async def arrived(self, *_: Any, **__: Any) -> dict[str, Any]:
        return {}

    async def past(self, *_: Any, **__: Any) -> list[Any]:
        return []

    async def left(self, *_: Any) -> None: ...


@dataclass
class Talker:
    """One connection of somebody; what was heard and not asked for yet stays in `heard`."""

    claims: RoomClaims
    connection: Connection = field(init=False)
    heard: list[dict[str, Any]] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    form: Form = Form.PLAIN
    place: int = 0

    @property
    def person(self) -> str:
        return self.claims.person

    def put(self, batch: Batch) -> None:
        self.heard += [msgspec.json.decode(text) for text in batch.texts(Form.PLAIN)]

    async def drained(self) -> None:
        await asyncio.sleep(0)

    async def join(self, **known: Any) -> dict[str, Any]:
        await self.say("room.join", roomId=self.claims.room_id, **known)
        return await self.hears("room_connected")

    async def say(self, kind: str, /, **fields: Any) -> None:
        said = {"type": kind, **fields}
        await self.connection.hear(said, len(msgspec.json.encode(said)))

    async def asks(self, kind: str, /, **fields: Any) -> dict[str, Any]:
        """Say something and give the answer: an acknowledgement or an error."""
        ref = fields.setdefault("ref", new_id())
        await self.say(kind, **fields)
        return next(event for event in self.heard if event["type"] in ("ack", "error") and event["ref"] == ref)

    async def hears(self, kind: str, /) -> dict[str, Any]:
        """Wait for an event of a type, and give it; what came before it is let go."""
        async with asyncio.timeout(SECONDS):
            while True:
                while self.place < len(self.heard):
                    self.place += 1
                    if self.heard[self.place - 1]["type"] == kind:
                        return self.heard[self.place - 1]
                await asyncio.sleep(0.01)

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        return [event for event in self.heard if event["type"] in kinds]


def talker(hub: Hub, house: House, room_id: str, person: str, role: str, *, seat: str = "") -> Talker:
    name = "Guest" if person.startswith(GUEST) else person.capitalize()
    one = Talker(RoomClaims(person, name, room_id, RoomRole(role), seat or new_id()))
    one.connection = Connection(hub=hub, house=house, claims=one.claims, outlet=one, close=one.closed.append)
    return one
