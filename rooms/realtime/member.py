"""One connection that is in a room, as the room sees it."""

import asyncio
from collections.abc import Callable, Container, Sequence

from rooms.realtime.drawing import DRAWING
from rooms.realtime.events import Batch, Event
from rooms.realtime.outlets import MAX_BUFFERED, Outlet, TooSlow
from rooms.tokens import RoomClaims


class Member:
    """`renew` is called when the room is to be told anew, as it is by now; `close` hangs up with a code."""

    __slots__ = (
        *("_bytes", "_renew", "_waiting", "claims", "close", "id", "is_behind", "is_told", "outlet"),
        *("person", "pid", "pseq", "role", "seq", "telling"),
    )

    def __init__(
        self,
        connection_id: str,
        *,
        claims: RoomClaims,
        role: str,
        outlet: Outlet,
        renew: Callable[[], None],
        close: Callable[[int], None],
    ) -> None:
        self.id = connection_id
        self.claims = claims
        self.pid = claims.seat
        self.person = claims.person
        self.role = role
        self.outlet = outlet
        self._renew = renew
        self.close = close
        # Held by whoever tells this member alone what came before.
        self.telling = asyncio.Lock()
        # It knows the room, and all kept events up to these numbers, its own among them.
        self.is_told = False
        # The room is to be told anew before anything else.
        self.is_behind = False
        self.seq = self.pseq = 0
        # While it is told what it missed, what is new waits here.
        self._waiting: list[Batch] | None = []
        self._bytes = 0

    def gets(self, event: Event) -> bool:
        return event.is_for(connection=self.id, person=self.person, role=self.role)

    def view(self, event: Event) -> Event:
        return event.to_person(self.person)

    def put(self, batch: Batch) -> None:
        """Raises: TooSlow."""
        if self._waiting is None:
            self._send(batch.events, batch)
            return
        if self._bytes > MAX_BUFFERED:
            raise TooSlow
        self._waiting.append(batch)
        self._bytes += sum(len(event.body) for event in batch.events)

    def waits_for(self, event_id: str) -> bool:
        return any(event.route.id == event_id for batch in self._waiting or () for event in batch.events)

    def tell(self, *, seq: int, pseq: int) -> None:
        """Note that it is told of the room as it is, and of kept events up to these numbers: what waits is older."""
        self.is_told, self.seq, self.pseq = True, seq, pseq
        waiting = [event for batch in self._waiting or () for event in batch.events if event.pseq > pseq]
        self._waiting = [Batch(waiting)] if waiting else []
        self._bytes = sum(len(event.body) for event in waiting)

    def begin_anew(self) -> None:
        """Forget the numbers of before, which mean nothing any more, and what they were for."""
        if self.is_told:
            self.seq = self.pseq = 0
            self._waiting, self._bytes = [], 0
            self.renew()

    def renew(self) -> None:
        """Have the room told anew, which is another by now than it was said to be; what is new waits for that."""
        if self.is_told:
            self.hold()
            if not self.is_behind:
                self.is_behind = True
                self._renew()

    def go_live(self, *, drawn: Container[str] = (), past: Container[str] = ()) -> None:
        """Send what waited, without what was told already: kept events up to its numbers, those of the `past`, and of
        the whiteboard everything up to the last event that was `drawn`; from now on everything goes out at once, but
        where the room is to be told anew.

        Raises:
            TooSlow.
        """
        if self.is_behind:
            return
        waiting, self._waiting, self._bytes = self._waiting or [], None, 0
        events = [event for batch in waiting for event in batch.events if event.route.id not in past]
        told = max((place for place, event in enumerate(events) if event.route.id in drawn), default=-1)
        new = [event for place, event in enumerate(events) if place > told or event.route.type not in DRAWING]
        self._send(new)

    def _send(self, events: Sequence[Event], batch: Batch | None = None) -> None:
        """Send what it does not know; `batch` holds the same, where it is made already."""
        new = [event for event in events if not (0 < event.seq <= self.seq or 0 < event.pseq <= self.pseq)]
        for event in new:
            self.seq, self.pseq = event.seq or self.seq, event.pseq or self.pseq
        if new:
            self.outlet.put(batch if batch is not None and len(new) == len(events) else Batch(new))

    def hold(self) -> None:
        """Let what is new wait again."""
        self._waiting = [] if self._waiting is None else self._waiting
