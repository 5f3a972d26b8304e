"""A path on which clients connect and are understood in nothing that they say."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from rooms.realtime import protocol
from rooms.realtime.events import Batch, Event, Route
from rooms.realtime.outlets import Outlet
from rooms.realtime.protocol import Refusal
from rooms.realtime.standing import Visit
from rooms.tokens import RoomClaims


class Silence:
    def __init__(self, claims: RoomClaims, visit: Visit, outlet: Outlet, close: Callable[[int], None]) -> None:
        self._outlet = outlet

    async def hear(self, fields: Mapping[str, Any], size: int, answer: Callable[[bytes], None] | None = None) -> None:
        refusal = Refusal("unknown_type", "There are no events here.")
        (answer or partial(self.tell, "error"))(protocol.error(None, refusal))

    def tell(self, name: str, body: bytes) -> None:
        self._outlet.put(Batch([Event(Route(name), body)]))

    async def leave(self, *, is_over: bool) -> None:
        """Nothing was taken."""
