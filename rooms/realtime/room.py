"""One room as this process knows it: the members that are connected here, and the mirror of its tables."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping

from rooms.realtime.bus import EVERYTHING, Bus, insist
from rooms.realtime.events import Batch, Event, Order, unpacked
from rooms.realtime.member import Member
from rooms.realtime.outlets import TooSlow
from rooms.realtime.roster import SEEN, Roster
from rooms.realtime.seats import Seat

log = logging.getLogger("tertulia.realtime")

# Reads the text of a stored event of a room, where that is still possible.
Opened = Callable[[str, bytes], Event | None]

# So many kept events are told from those that are new.
REMEMBERED = 500


async def missed(bus: Bus, opened: Opened, room_id: str, after: int, until: int, *, person: str = "") -> list[Event]:
    """Give what was said to a room, or to one person in it alone, after one number and up to another."""
    events = []
    for number, stored in await bus.missed(room_id, after, until, person=person):
        event = opened(room_id, stored)
        if event is not None:
            events.append(event.private(number) if person else Event(event.route, event.body, number))
    return events


class LiveRoom:
    """`opened` reads the text of a stored event; `too_slow` is called with members that are cut off, `on_look` when who
    may be here is to be asked again, `on_board` when all are to be shown the whiteboard, `on_forgotten` when Redis does
    not know it any more."""

    def __init__(
        self,
        room_id: str,
        bus: Bus,
        *,
        opened: Opened,
        too_slow: Callable[[Member], None],
        on_look: "Callable[[LiveRoom], None]",
        on_board: "Callable[[LiveRoom], None]",
        on_forgotten: "Callable[[LiveRoom], None]",
    ) -> None:
        self.id = room_id
        self.epoch = ""
        # Those before, of which all is told anew.
        self._past: set[str] = set()
        # Of the kept event that was delivered last.
        self.seq = 0
        self.state: dict[str, str] = {}
        self.members: dict[str, Member] = {}
        self.roster = Roster(self.state, self.members, self.deliver)
        self.seats: Mapping[str, Seat] = self.roster.seats
        self._bus = bus
        self._opened = opened
        self._too_slow = too_slow
        self._on_look = on_look
        self._on_board = on_board
        self._on_forgotten = on_forgotten
        # One reads the tables, or what was missed, at a time.
        self._reading = asyncio.Lock()
        # A task that nobody holds may vanish.
        self._tasks: set[asyncio.Task[None]] = set()
        # The ids of kept events that were delivered of late.
        self._told: dict[str, None] = {}
        self._pending: list[Event] = []
        self._timer: asyncio.Handle | None = None
        # What arrives while the tables or missed events are read; None while nothing is.
        self._held: list[bytes] | None = None

    def hold(self) -> None:
        """Let what arrives wait until the tables are read."""
        self._held = [] if self._held is None else self._held

    async def load(self) -> None:
        """Read the tables; what is said meanwhile is taken after it. Call it while the room is listened to."""
        self.hold()
        async with self._reading:
            self.hold()
            epoch, seq, taken, state = await self._bus.tables(self.id)
            before, known = self.people(), self._known()
            self.roster.read(taken.values())
            self.state.clear()
            self.state.update({name.decode(): value.decode() for name, value in state.items()})
            self.flush()
            if not self.epoch:
                self.epoch, self.seq = epoch, seq
            elif self.epoch != epoch:
                self._begin_anew(epoch)
            else:
                self.roster.tell_changes(before)
                if self._known() != known:
                    self._renew()
            await self._fetch(seq)
            await self._fetch_private()
            self._release()

    def add(self, member: Member) -> None:
        """Have a member hear what is said from now on."""
        self.flush()
        self.members[member.id] = member

    def hear(self, message: bytes) -> None:
        """Take what came from Redis, in its order."""
        if self._held is not None:
            self._held.append(message)
            return
        epoch, events = unpacked(message)
        event = events[0]
        if epoch in self._past or (event.seq and event.seq <= self.seq and epoch == self.epoch):
            return
        if epoch and epoch != self.epoch:
            self._held = [message]
            self._on_forgotten(self)
        elif event.seq > self.seq + 1:
            self._held = [message]
            self._soon(insist(self.load, "a room has to be read later"))
        else:
            for event in events:
                self._take(event)

    def deliver(self, event: Event) -> None:
        """Give an event to the members here that it is for, with others of this turn of the loop in one write."""
        self._pending.append(event)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_soon(self.flush)

    def flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, events, self._pending = None, self._pending, []
        if not events:
            return
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
        self.flush()
        for member in [*self.members.values()]:
            if who in ("", member.person, member.pid) and member.id != spared:
                member.close(code)

    def people(self) -> dict[str, Seat]:
        return self.roster.people()

    def _take(self, event: Event) -> None:
        named = {person: how for order, person, how in event.route.orders if order == "tell"}
        before = {person: self.roster.shown(person) for person in named}
        for table, field, value in event.route.writes:
            self._write(table, field, value)
        if event.seq:
            self.seq = event.seq
        if event.route.type and not self._is_repeated(event):
            self.deliver(event)
        for order, whom, how in event.route.orders:
            self._obey(order, whom, how)
        for person, how in named.items():
            self.roster.tell(person, before[person], how, skip=event.route.skip)

    def _obey(self, order: Order, whom: str, how: str) -> None:
        if order == "close":
            code, _, spared = how.partition(" ")
            self.close(whom, int(code), spared=spared)
        elif order == "look":
            self._on_look(self)
        elif order == "board":
            self._on_board(self)
        elif order == "reload":
            self.hold()
            self._soon(insist(self.load, "a room has to be read later"))

    def _soon(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _write(self, table: str, field: str, value: str) -> None:
        if table == "seats":
            self.roster.write(field, value)
            return
        if field.startswith((SEEN, EVERYTHING)):
            self.roster.count_soon()
        if field == EVERYTHING:
            self.state.clear()
        elif value:
            self.state[field] = value
        else:
            self.state.pop(field, None)

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

    def _begin_anew(self, epoch: str) -> None:
        """Redis was emptied: who is here gets all that was said since."""
        self._past.add(self.epoch)
        self.epoch, self.seq = epoch, 0
        for member in [*self.members.values()]:
            member.begin_anew()

    def _known(self) -> dict[str, str]:
        """Give what members know of the room beside who is here."""
        return {name: value for name, value in self.state.items() if not name.startswith(SEEN)}

    def _renew(self) -> None:
        """Something was missed of which no kept event tells: who is here is told of the room as it is."""
        for member in [*self.members.values()]:
            member.renew()

    async def _fetch(self, until: int) -> None:
        """Read what was missed, and deliver it."""
        for event in await missed(self._bus, self._opened, self.id, self.seq, until):
            self._take(event)
        self.seq = max(self.seq, until)
        self.flush()

    async def _fetch_private(self) -> None:
        told = [member for member in self.members.values() if member.is_told]
        numbers = await self._bus.own_numbers(self.id, [member.person for member in told])
        for member in told:
            until, person = numbers[member.person], member.person
            for event in await missed(self._bus, self._opened, self.id, member.pseq, until, person=person):
                self.put(member, Batch([event]))

    def _release(self) -> None:
        held, self._held = self._held or [], None
        while held:
            self.hear(held.pop(0))
            if self._held is not None:
                # A gap again: the rest waits behind it.
                self._held.extend(held)
                return
