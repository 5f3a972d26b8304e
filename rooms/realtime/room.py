"""One room as this process knows it: the members that are connected here, and the mirror of its tables."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping

from rooms.realtime import seats
from rooms.realtime.bus import EVERYTHING, Bus, insist
from rooms.realtime.events import Batch, Event, Order, Route, unpacked
from rooms.realtime.member import Member
from rooms.realtime.outlets import TooSlow
from rooms.realtime.protocol import encode
from rooms.realtime.seats import Seat

log = logging.getLogger("tertulia.realtime")

# Reads the text of a stored event of a room, where that is still possible.
Opened = Callable[[str, bytes], Event | None]

COUNT_SECONDS = 1.0
# So many kept events are told from those that are new.
REMEMBERED = 500
# Has a person told of, whose change is told by its own event, if they have more than one seat.
SEVERAL = "several"
# Why somebody left of whom it is not known.
UNHEARD = "lost"
# What the names of those begin with who were here since the meeting began.
SEEN = "seen:"


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
        self.seats: dict[str, Seat] = {}
        self.state: dict[str, str] = {}
        self.members: dict[str, Member] = {}
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
        self._counting: asyncio.Handle | None = None
        # What was told last of how many are here, and were.
        self.counted = b""
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
            self.seats = {}
            for text in taken.values():
                self._seat(seats.read(text))
            self.state = {name.decode(): value.decode() for name, value in state.items()}
            self._count_soon()
            self.flush()
            if not self.epoch:
                self.epoch, self.seq = epoch, seq
            elif self.epoch != epoch:
                self._begin_anew(epoch)
            else:
                self._tell_changes(before, self.people())
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

    def _shown(self, person: str) -> Seat | None:
        """Give the seat by which others know somebody."""
        return seats.people(seat for seat in self.seats.values() if seat.person == person).get(person)

    def people(self) -> dict[str, Seat]:
        return seats.people(self.seats.values())

    def _take(self, event: Event) -> None:
        named = {person: how for order, person, how in event.route.orders if order == "tell"}
        before = {person: self._shown(person) for person in named}
        for table, field, value in event.route.writes:
            self._write(table, field, value)
        if event.seq:
            self.seq = event.seq
        if event.route.type and not self._is_repeated(event):
            self.deliver(event)
        for order, whom, how in event.route.orders:
            self._obey(order, whom, how)
        for person, how in named.items():
            shown = self._shown(person)
            if how != SEVERAL:
                self._tell_change(before[person], shown, skip=event.route.skip, reason=how)
            elif shown is not None and sum(seat.person == person for seat in self.seats.values()) > 1:
                self._tell_participant("participant-updated", shown)

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
        if table == "seats" or field.startswith((SEEN, EVERYTHING)):
            self._count_soon()
        if table == "seats":
            if value and field in self.seats:
                self._seat(seats.changed(self.seats[field], value))
            elif '"pid"' in value:
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
        here = len({seat.person for seat in self.seats.values()})
        total = sum(name.startswith(SEEN) for name in self.state)
        told = encode({"type": "view_count", "count": here, "total": total})
        if told != self.counted:
            self.counted = told
            self.deliver(Event(Route("view_count"), told))

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

    def _tell_changes(self, before: Mapping[str, Seat], after: Mapping[str, Seat]) -> None:
        """Tell who came, left, or is another by now, where that was not heard."""
        for person in before.keys() | after.keys():
            self._tell_change(before.get(person), after.get(person), reason=UNHEARD)

    def _tell_change(self, was: Seat | None, now: Seat | None, *, skip: str = "", reason: str) -> None:
        if was is not None and now is None:
            self._tell_left(was, reason)
        elif now is not None and was is None:
            self._tell_participant("participant-joined", now, skip=skip)
        elif was is not None and now is not None and seats.participant(was) != seats.participant(now):
            self._tell_participant("participant-updated", now)

    def _tell_left(self, seat: Seat, reason: str) -> None:
        """Tell of somebody who left, but for those who know better: their own devices, of which one is coming."""
        here = {member.person for member in self.members.values()}
        others = here - {seat.person}
        if others:
            to = (*others,) if seat.person in here else ()
            self._tell_participant("participant-left", seat, to=to, reason=reason)

    def _tell_participant(
        self, kind: str, seat: Seat, *, skip: str = "", to: tuple[str, ...] = (), **about: str
    ) -> None:
        told = {"type": kind, "participant": seats.participant(seat), **about}
        self.deliver(Event(Route(kind, skip=skip, to=to), encode(told)))

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
