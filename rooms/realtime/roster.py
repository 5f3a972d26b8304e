"""Who is in a room, as this process knows it, and what members here are told of that."""

import asyncio
from collections.abc import Callable, Iterable, Mapping

from rooms.realtime import seats
from rooms.realtime.events import Event, Route
from rooms.realtime.member import Member
from rooms.realtime.protocol import encode
from rooms.realtime.seats import Seat

COUNT_SECONDS = 1.0
# Has a person told of, whose change is told by its own event, if they have more than one seat.
SEVERAL = "several"
# Why somebody left of whom it is not known.
UNHEARD = "lost"
# What the names of those begin with, in the state of the room, who were here since the meeting began.
SEEN = "seen:"


class Roster:
    """`state` is that of the room; `deliver` gives an event to its `members`."""

    def __init__(
        self, state: Mapping[str, str], members: Mapping[str, Member], deliver: Callable[[Event], None]
    ) -> None:
        self.seats: dict[str, Seat] = {}
        # What was told last of how many are here, and were.
        self.counted = b""
        self._of: dict[str, dict[str, Seat]] = {}
        self._state = state
        self._members = members
        self._deliver = deliver
        self._counting: asyncio.Handle | None = None
        # Connections that take seats of which nothing is known here yet.
        self._expected: dict[str, asyncio.Future[None]] = {}

    def expect(self, holder: str) -> "asyncio.Future[None]":
        """Give what is done once it is known here that a connection has taken a seat; cancel it to expect it no
        longer."""
        seated = self._expected[holder] = asyncio.get_running_loop().create_future()
        seated.add_done_callback(lambda _: self._expected.pop(holder, None))
        return seated

    def people(self) -> dict[str, Seat]:
        return seats.people(self.seats.values())

    def shown(self, person: str) -> Seat | None:
        """Give the seat by which others know somebody."""
        return seats.people(self._of.get(person, {}).values()).get(person)

    def read(self, taken: Iterable[bytes]) -> None:
        """Take all seats from the table."""
        self.seats.clear()
        self._of.clear()
        for text in taken:
            self._sit(seats.read(text))
        self.count_soon()

    def write(self, pid: str, text: str) -> None:
        """Take what was written of one seat: all of it, what changed, or, for a seat that was given up, nothing."""
        if text and pid in self.seats:
            self._sit(seats.changed(self.seats[pid], text))
        elif '"pid"' in text:
            self._sit(seats.read(text))
        elif pid in self.seats:
            self._rise(self.seats.pop(pid))
        self.count_soon()

    def tell(self, person: str, before: Seat | None, how: str, *, skip: str) -> None:
        """Tell of somebody who was known by another seat, or none, `before`; `how` is `SEVERAL`, or why they left."""
        now = self.shown(person)
        if how != SEVERAL:
            self._tell_change(before, now, skip=skip, reason=how)
        elif now is not None and len(self._of[person]) > 1:
            self._tell_participant("participant-updated", now)

    def tell_changes(self, before: Mapping[str, Seat]) -> None:
        """Tell who came, left, or is another by now, where that was not heard."""
        after = self.people()
        for person in before.keys() | after.keys():
            self._tell_change(before.get(person), after.get(person), reason=UNHEARD)

    def count_soon(self) -> None:
        """Tell how many are here, and were, when that changes; at most once a second."""
        if self._counting is None:
            self._counting = asyncio.get_running_loop().call_later(COUNT_SECONDS, self._count)

    def _sit(self, seat: Seat) -> None:
        self.seats[seat.pid] = self._of.setdefault(seat.person, {})[seat.pid] = seat
        seated = self._expected.get(seat.holder)
        if seated is not None and not seated.done():
            seated.set_result(None)
        for member in self._members.values():
            if member.pid == seat.pid:
                member.role = seat.role

    def _rise(self, seat: Seat) -> None:
        own = self._of[seat.person]
        del own[seat.pid]
        if not own:
            del self._of[seat.person]

    def _count(self) -> None:
        self._counting = None
        total = sum(name.startswith(SEEN) for name in self._state)
        told = encode({"type": "view_count", "count": len(self._of), "total": total})
        if told != self.counted:
            self.counted = told
            self._deliver(Event(Route("view_count"), told))

    def _tell_change(self, was: Seat | None, now: Seat | None, *, skip: str = "", reason: str) -> None:
        if was is not None and now is None:
            self._tell_left(was, reason)
        elif now is not None and was is None:
            self._tell_participant("participant-joined", now, skip=skip)
        elif was is not None and now is not None and seats.participant(was) != seats.participant(now):
            self._tell_participant("participant-updated", now)

    def _tell_left(self, seat: Seat, reason: str) -> None:
        """Tell of somebody who left, but for those who know better: their own devices, of which one is coming."""
        here = {member.person for member in self._members.values()}
        others = here - {seat.person}
        if others:
            to = (*others,) if seat.person in here else ()
            self._tell_participant("participant-left", seat, to=to, reason=reason)

    def _tell_participant(
        self, kind: str, seat: Seat, *, skip: str = "", to: tuple[str, ...] = (), **about: str
    ) -> None:
        told = {"type": kind, "participant": seats.participant(seat), **about}
        self._deliver(Event(Route(kind, skip=skip, to=to), encode(told)))
