"""One room as this process knows it: the members that are connected here, and the mirror of its tables."""

import asyncio
import logging
from collections.abc import Callable

from rooms.realtime import seats
from rooms.realtime.bus import EVERYTHING, Bus
from rooms.realtime.events import Batch, Event, Order, Route, unpacked
from rooms.realtime.member import Member
from rooms.realtime.outlets import TooSlow
from rooms.realtime.protocol import encode
from rooms.realtime.seats import Seat

log = logging.getLogger("tertulia.realtime")

# Drawing and captions that are not final may wait so long for others.
GATHER_SECONDS = 0.010
COUNT_SECONDS = 1.0
# So many kept events are told from those that are new.
REMEMBERED = 500
# What the names of those begin with who were here since the meeting began.
SEEN = "seen:"


class LiveRoom:
    """`opened` reads the text of a stored event; `too_slow` is called with members that are cut off, `on_look` when who
    may be here is to be asked again, `on_board` when all are to be shown the whiteboard."""

    def __init__(
        self,
        room_id: str,
        bus: Bus,
        *,
        opened: Callable[[str, bytes], Event | None],
        too_slow: Callable[[Member], None],
        on_look: "Callable[[LiveRoom], None]",
        on_board: "Callable[[LiveRoom], None]",
    ) -> None:
        self.id = room_id
        self.epoch = ""
        # Of the kept event that was delivered last.
        self.seq = 0
        self.seats: dict[str, Seat] = {}
        self.state: dict[str, str] = {}
        self.members: dict[str, Member] = {}
        self._bus = bus
        self._opened = opened
        self._too_slow = too_slow
        self._on_look = on_look
        self._on_board = on_board
        # The ids of kept events that were delivered of late.
        self._told: dict[str, None] = {}
        self._pending: list[Event] = []
        self._timer: asyncio.Handle | None = None
        self._is_gathering = False
        self._counting: asyncio.Handle | None = None
        self._counted = (0, 0)
        # What arrives while the tables or missed events are read; None while nothing is.
        self._held: list[bytes] | None = None

    def hold(self) -> None:
        """Let what arrives wait until the tables are read."""
        self._held = [] if self._held is None else self._held

    async def load(self) -> None:
        """Read the tables; what is said meanwhile is taken after it. Call it while the room is listened to."""
        self.hold()
        epoch, seq, taken, state = await self._bus.tables(self.id)
        self.seats = {pid.decode(): seats.read(seat) for pid, seat in taken.items()}
        self.state = {name.decode(): value.decode() for name, value in state.items()}
        if self.epoch == epoch and seq > self.seq:
            await self._fetch(seq)
        self.epoch, self.seq = epoch, seq
        self._release()

    def hear(self, message: bytes) -> None:
        """Take what came from Redis, in its order."""
        if self._held is not None:
            self._held.append(message)
            return
        epoch, event = unpacked(message)
        if event.seq and event.seq <= self.seq and epoch == self.epoch:
            return
        if epoch and epoch != self.epoch:
            self._held = [message]
            asyncio.create_task(self._renew())
        elif event.seq > self.seq + 1:
            self._held = [message]
            asyncio.create_task(self._repair(event.seq - 1))
        else:
            self._take(event)

    def deliver(self, event: Event) -> None:
        """Give an event to the members here that it is for, with others of this turn of the loop in one write."""
        self._pending.append(event)
        loop = asyncio.get_running_loop()
        if self._timer is not None and not (self._is_gathering and not event.route.gathers):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._is_gathering = event.route.gathers
        self._timer = loop.call_later(GATHER_SECONDS, self.flush) if event.route.gathers else loop.call_soon(self.flush)

    def flush(self) -> None:
        self._timer, events, self._pending = None, self._pending, []
        everything = Batch(events)
        skips = {event.route.skip for event in events}
        is_selective = any(event.route.is_selective for event in events)
        for member in list(self.members.values()):
            if is_selective or member.id in skips:
                mine = [member.view(event) for event in events if member.gets(event)]
                if mine:
                    self.put(member, Batch(mine))
            else:
                self.put(member, everything)

    def put(self, member: Member, batch: Batch) -> None:
        try:
            member.put(batch)
        except TooSlow:
            self.members.pop(member.id, None)
            self._too_slow(member)

    def close(self, who: str, code: int, *, spared: str = "") -> None:
        """Hang up on all connections of a person or of a seat, or, where nobody is named, of everybody, but for one;
        after what was said before."""
        if self._timer is not None:
            self._timer.cancel()
            self.flush()
        for member in [*self.members.values()]:
            if who in ("", member.person, member.pid) and member.id != spared:
                member.close(code)

    def people(self) -> dict[str, Seat]:
        return seats.people(self.seats.values())

    def _take(self, event: Event) -> None:
        for table, field, value in event.route.writes:
            self._write(table, field, value)
        if event.seq:
            self.seq = event.seq
        if event.route.type and not self._is_repeated(event):
            self.deliver(event)
        for order, whom, how in event.route.orders:
            self._obey(order, whom, how)

    def _obey(self, order: Order, whom: str, how: str) -> None:
        if order == "close":
            code, _, spared = how.partition(" ")
            self.close(whom, int(code), spared=spared)
        elif order == "look":
            self._on_look(self)
        elif order == "board":
            self._on_board(self)
        else:
            self.hold()
            asyncio.create_task(self.load())

    def _write(self, table: str, field: str, value: str) -> None:
        if table == "seats" or field.startswith((SEEN, EVERYTHING)):
            self._count_soon()
        if table == "seats":
            if value:
                self._seat(seats.read(value))
            else:
                self.seats.pop(field, None)
        elif field == EVERYTHING:
            self.state.clear()
        elif value:
            self.state[field] = value
        else:
            self.state.pop(field, None)

    def _seat(self, seat: Seat) -> None:
        self.seats[seat.pid] = seat
        for member in self.members.values():
            if member.pid == seat.pid:
                member.role = seat.role

    def _count_soon(self) -> None:
        """Tell how many are here, and were, when that changes; at most once a second."""
        if self._counting is None:
            self._counting = asyncio.get_running_loop().call_later(COUNT_SECONDS, self._count)

    def _count(self) -> None:
        self._counting = None
        here, total = (
            len({seat.person for seat in self.seats.values()}),
            sum(name.startswith(SEEN) for name in self.state),
        )
        if (here, total) != self._counted:
            self._counted = (here, total)
            self.deliver(Event(Route("view_count"), encode({"type": "view_count", "count": here, "total": total})))

    def _is_repeated(self, event: Event) -> bool:
        """Say whether a kept event was delivered already: an action that was killed before it noted that the room was
        told has it told again."""
        if not (event.seq or event.pseqs):
            return False
        is_repeated = event.route.id in self._told
        self._told[event.route.id] = None
        if len(self._told) > REMEMBERED:
            del self._told[next(iter(self._told))]
        return is_repeated

    async def _repair(self, until: int) -> None:
        """Read what was missed, deliver it, and go on with what came meanwhile."""
        await self._fetch(until)
        self._release()

    async def _renew(self) -> None:
        """Redis began anew."""
        await self.load()
        for member in list(self.members.values()):
            member.renew()

    async def _fetch(self, until: int) -> None:
        for seq, stored in await self._bus.missed(self.id, self.seq, until):
            event = self._opened(self.id, stored)
            if event is not None:
                self._take(Event(event.route, event.body, seq))
        self.seq = max(self.seq, until)

    def _release(self) -> None:
        held, self._held = self._held or [], None
        while held:
            self.hear(held.pop(0))
            if self._held is not None:
                # A gap again: the rest waits behind it.
                self._held.extend(held)
                return
