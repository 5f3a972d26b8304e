"""The seats that one process holds for those who are connected to it, and those that others left behind."""

from collections.abc import AsyncIterator, Callable, Container

from config.lib.ids import new_id
from rooms.realtime import seats
from rooms.realtime.bus import Bus
from rooms.realtime.events import Route, packed
from rooms.realtime.room import LiveRoom
from rooms.realtime.seats import Seat

# A process that was not heard for so long is dead.
DEAD_SECONDS = 5.0


class Full(Exception):
    """As many people are in the room as it takes."""


class Seating:
    """`held_seconds` is how long a seat is kept when the link drops."""

    def __init__(self, bus: Bus, process: str, *, held_seconds: float, now: Callable[[], float]) -> None:
        self._bus = bus
        self._process = process
        self._held_seconds = held_seconds
        self._now = now

    async def sit(self, room_id: str, seat: Seat, *, limit: int | None) -> tuple[str, int, bool]:
        """Take a seat; give the epoch, the number of the person's private events, and whether the seat is new.

        Raises:
            Full.
        """
        writes = (("seats", seat.pid, seats.written(seat)), ("state", f"seen:{seat.person}", "1"))
        route = Route("", new_id(), seat.holder, writes=writes, orders=(("tell", seat.person, ""),))
        epoch, pseq, outcome = await self._bus.sit(room_id, seat, packed(route, b"{}"), limit=limit)
        if outcome == "full":
            raise Full
        return epoch, pseq, outcome == "new"

    async def rise(self, room_id: str, seat: Seat, *, reason: str, dropped_before: float | None = None) -> bool:
        """Give up a seat; say whether it was still taken."""
        route = Route("", new_id(), writes=(("seats", seat.pid, ""),), orders=(("tell", seat.person, reason),))
        return await self._bus.rise(room_id, seat, packed(route, b"{}"), dropped_before=dropped_before)

    async def drop(self, room_id: str, pid: str, *, holder: str, process: str = "") -> None:
        """Keep a seat for a while whose link broke, of this process or of one that died."""
        due = self._now() + self._held_seconds
        await self._bus.drop(room_id, pid, holder=holder, process=process or self._process, due=due)

    async def give_up_lost(self) -> AsyncIterator[tuple[str, Seat]]:
        """Give up the seats to which nobody came back in time; give each when it is, with its room."""
        for room_id, seat in await self._bus.due(self._now()):
            if await self.rise(room_id, seat, reason="lost", dropped_before=self._now()):
                yield room_id, seat

    async def beat(self) -> bool:
        """Say that this process lives; False where Redis had not known it, at its start or after it was emptied."""
        return await self._bus.beat(self._process, self._now())

    async def restore(self, room: LiveRoom) -> None:
        """Write anew what this process knows of a room, where Redis was emptied, then read what is there by now."""
        held = [seat for seat in room.seats.values() if seat.holder in room.members]
        await self._bus.restore(room.id, room.epoch, room.state, held)
        await room.load()

    async def drop_dead(self) -> None:
        """Drop the seats of processes that died."""
        for process in await self._bus.dead(self._now() - DEAD_SECONDS):
            for room_id, pid in await self._bus.held_by(process):
                await self.drop(room_id, pid, holder=process, process=process)
            # Last, so that where this one dies meanwhile, another does it all again.
            await self._bus.forget(process)

    async def drop_unconnected(self, connected: Container[tuple[str, str]]) -> None:
        """Drop what is held here and not among these rooms and seats, as after a link that broke while Redis was
        away."""
        for room_id, pid in await self._bus.held_by(self._process):
            if (room_id, pid) not in connected:
                await self.drop(room_id, pid, holder=self._process)
