"""One connection that is in a room, as the room sees it."""

from collections.abc import Callable

from rooms.realtime.events import Batch, Event
from rooms.realtime.outlets import MAX_BUFFERED, Outlet, TooSlow
from rooms.tokens import RoomClaims


class Member:
    """`renew` is called when all that was known of the room is to be told anew; `close` hangs up with a code."""

    __slots__ = ("_bytes", "_waiting", "claims", "close", "id", "outlet", "person", "pid", "renew", "role")

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
        self._waiting.append(batch)
        self._bytes += sum(len(event.body) for event in batch.events)
        if self._bytes > MAX_BUFFERED:
            raise TooSlow

    def go_live(self, pseq: int) -> None:
        """Send what waited, without private events up to a number, which were told already; from now on everything goes
        out at once.

        Raises:
            TooSlow.
        """
        waiting, self._waiting, self._bytes = self._waiting or [], None, 0
        for batch in waiting:
            self.outlet.put(Batch([event for event in batch.events if not 0 < event.pseq <= pseq]))

    def hold(self) -> None:
        """Let what is new wait again."""
        self._waiting = [] if self._waiting is None else self._waiting
