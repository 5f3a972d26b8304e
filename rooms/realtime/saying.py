"""What is to be said in a room, before it is written for the way."""

from dataclasses import dataclass, field

from config.lib.ids import new_id
from rooms.realtime.bus import Write
from rooms.realtime.drawing import Change
from rooms.realtime.events import Order, Route


@dataclass(frozen=True, kw_only=True)
class Saying:
    """An event that is to be said in a room."""

    type: str
    body: bytes
    is_kept: bool = False
    gathers: bool = False
    ref: str = ""
    skip: str = ""
    to: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    writes: tuple[Write, ...] = ()
    orders: tuple[tuple[Order, str, str], ...] = ()
    # What it does to the whiteboard.
    change: Change | None = None
    id: str = field(default_factory=new_id)

    @property
    def route(self) -> Route:
        return Route(self.type, self.id, self.skip, self.to, self.roles, self.writes, self.orders)
