"""One connection that is in a room, as the room sees it."""

import asyncio
from collections.abc import Callable, Container

from rooms.realtime.drawing import DRAWING
from rooms.realtime.events import Batch, Event
from rooms.realtime.outlets import MAX_BUFFERED, Outlet, TooSlow
from rooms.tokens import RoomClaims


class Member:
    """`renew` is called when all that was known of the room is to be told anew; `close` hangs up with a code."""

    __slots__ = ("_bytes", "_waiting", "claims", "close", "id", "outlet", "person", "pid", "renew", "role", "telling")

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
        self.renew = renew
        self.close = close
        # Held by whoever tells this member alone what came before.
        self.telling = asyncio.Lock()
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
            self.outlet.put(batch)
            return
        if self._bytes > MAX_BUFFERED:
            raise TooSlow
        self._waiting.append(batch)
        self._bytes += sum(len(event.body) for event in batch.events)

    def waits_for(self, event_id: str) -> bool:
        return any(event.route.id == event_id for batch in self._waiting or () for event in batch.events)

    def go_live(self, pseq: int = 0, *, drawn: Container[str] = (), past: Container[str] = ()) -> None:
        """Send what waited, without what was told already: private events up to a number, those of the `past`, and of
        the whiteboard everything up to the last event that was `drawn`; from now on everything goes out at once.

        Raises:
            TooSlow.
        """
        waiting, self._waiting, self._bytes = self._waiting or [], None, 0
        held = [event for batch in waiting for event in batch.events if event.route.id not in past]
        events = [event for event in held if not 0 < event.pseq <= pseq]
        told = max((place for place, event in enumerate(events) if event.route.id in drawn), default=-1)
        new = [event for place, event in enumerate(events) if place > told or event.route.type not in DRAWING]
        if new:
            self.outlet.put(Batch(new))

    def hold(self) -> None:
        """Let what is new wait again."""
        self._waiting = [] if self._waiting is None else self._waiting
