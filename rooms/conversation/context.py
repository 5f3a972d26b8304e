"""What a handler of an event has at hand: who said it, where, and the ways to tell others."""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from redis.exceptions import RedisError

from config.lib.asgi import in_thread
from config.lib.errors import DomainError
from rooms.actions import moderating
from rooms.enums import RoomRole
from rooms.realtime import protocol
from rooms.realtime.bus import RETRY_SECONDS, Said, Write
from rooms.realtime.drawing import Change
from rooms.realtime.events import Order
from rooms.realtime.protocol import Kind, Payload, Refusal
from rooms.realtime.room import LiveRoom
from rooms.realtime.roster import SEVERAL
from rooms.realtime.saying import Saying
from rooms.realtime.seats import Seat

if TYPE_CHECKING:
    from rooms.conversation.connection import Connection

R = TypeVar("R")


class Context:
    """One event, as it came from a member of a room; `said` is what it was said as, where it was."""

    def __init__(self, connection: "Connection", kind: Kind, fields: Mapping[str, Any], head: protocol.Head) -> None:
        self.connection = connection
        self.kind = kind
        self.fields = fields
        self.ref = head.ref or ""
        self.to = head.to or ""
        self.time_ms = int(time.time() * 1000)
        self.said: Said | None = None

    @property
    def room(self) -> LiveRoom:
        return self.connection.joined_room

    @property
    def seat(self) -> Seat:
        return self.connection.joined_seat

    @property
    def addressee(self) -> Seat:
        """Give the seat of the one whom the event is for.

        Raises:
            Refusal: nobody is named, or they are not here.
        """
        if not self.to:
            raise Refusal("bad_payload", "Say in `to` for whom it is.")
        return self.find(self.to)

    def find(self, person: str) -> Seat:
        """Raises: Refusal."""
        seat = self.room.people().get(person)
        if seat is None:
            raise Refusal("not_in_room", "There is nobody of this id in the room.")
        return seat

    def seats_of(self, person: str) -> list[Seat]:
        return [seat for seat in self.room.seats.values() if seat.person == person]

    def state(self, name: str) -> Any:
        """Give what the room knows under a name; None where it knows nothing."""
        value = self.room.state.get(name)
        return None if value is None else msgspec.json.decode(value)

    def written_state(self, name: str, value: object) -> Write:
        """Make what the room is to know under a name, None for nothing, along with an event."""
        return ("state", name, "" if value is None else protocol.encode(value).decode())

    async def pass_on(
        self, payload: Payload, *, changes: Mapping[str, Any] | None = None, writes: Iterable[Write] = (), **to: Any
    ) -> None:
        """Say the event itself to the room, or to whom it names, and with it change fields of the sender's seat."""
        said = protocol.opened(payload, self.fields) if self.kind.is_open else msgspec.to_builtins(payload)
        if self.to:
            self.find(self.to)
            to["to"] = (*{self.to, self.seat.person},) if self.kind.is_kept else (self.to,)
        if changes:
            writes = (*writes, ("seats", self.seat.pid, protocol.encode(changes).decode()))
            to["orders"] = (("tell", self.seat.person, SEVERAL),)
        await self.say(self.kind.name, said, is_kept=self.kind.is_kept, writes=writes, **to)

    async def say(
        self,
        name: str,
        payload: object,
        *,
        is_kept: bool = False,
        by: Seat | None = None,
        to: Iterable[str] = (),
        roles: Iterable[str] = (),
        writes: Iterable[Write] = (),
        orders: tuple[tuple[Order, str, str], ...] = (),
        change: Change | None = None,
    ) -> "asyncio.Future[Said]":
        """Say an event in the name of this member, or of somebody else. What is kept, or somebody else's, goes to the
        sender too; what is to be acknowledged, or changes anything but what is drawn, is waited for."""
        speaker = by or self.seat
        who = {"id": speaker.person, "username": speaker.name}
        saying = Saying(
            type=name,
            body=protocol.envelope(name, who, self.time_ms, payload),
            is_kept=is_kept,
            gathers=self.kind.gathers,
            ref=f"{self.seat.person}:{self.ref}" if self.ref and self.said is None else "",
            skip="" if is_kept or by else self.connection.id,
            to=tuple(to),
            roles=tuple(roles),
            writes=tuple(writes),
            orders=orders,
            change=change,
        )
        waiting = self.connection.hub.say(self.room.id, saying)
        if is_kept or self.ref or saying.writes:
            said = await waiting
            self.said = self.said or said
        return waiting

    async def update(self, taken: Collection[Seat], **changes: object) -> None:
        """Change fields of seats, and tell the room."""
        await self.connection.hub.change(self.room.id, taken, **changes)

    async def appoint(self, seat: Seat, role: RoomRole) -> None:
        """Make somebody something else, in the database and then on all their seats.

        Raises:
            Refusal.
        """
        await self.act(moderating.change_role, whom=seat.person, role=role)
        await self.update(self.seats_of(seat.person), role=role.value)

    async def act(self, action: Callable[..., R], **about: Any) -> R:
        """Call an action in the name of this member, with the room.

        Raises:
            Refusal: it was refused.
        """
        try:
            return await in_thread(partial(action, room_id=self.room.id, person=self.seat.person, **about))
        except DomainError as error:
            if not error.is_refusal:
                raise
            raise Refusal("not_allowed", error.message) from error

    async def insist(self, tell: Callable[[], None]) -> None:
        """Call what tells of something that is committed until Redis is back: what is acknowledged was told."""
        while True:
            await asyncio.sleep(RETRY_SECONDS)
            with suppress(RedisError):
                await in_thread(tell)
                return
