"""What is compared: the servers that are not ours, and what each of them needs to be started and joined."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.fanout.place import Place
from bench.fanout.wires import Wire, socket_io
from config.lib import embedded

SOCKET_IO, WS, LIMIT, BATCHES = "socket.io", "ws, one frame", "C, send each", "C, send a batch"
CHANNELS, CHANNELS_REDIS = "group_send, memory", "group_send, Redis"


@dataclass(frozen=True)
class Member:
    room: str
    token: str


def anybody(room: int, count: int) -> list[Member]:
    """Make members for a server that asks nobody for a token."""
    return [Member(f"room{room}", "-")] * count


@dataclass(frozen=True)
class Contender:
    """A server: `{port}` in its command and PORT in its environment say where it has to listen on the loopback."""

    name: str
    command: Sequence[str]
    wire: Wire
    env: Mapping[str, str] = field(default_factory=dict)
    # Makes the members of the room with this number; each has a token of its own where the server wants one.
    members: Callable[[int, int], Sequence[Member]] = anybody
    # How many events are under way at capacity: enough that the server never waits, and less than it would drop.
    under_way: int = 32
    # Whether it has rooms, can carry the load of the other measurements, and bears a member who does not read.
    is_server: bool = True


def others(place: Place) -> list[Contender]:
    node = ("node", str(place.node / "server.js"))
    by_path = Wire(
        path="/ws/room/{room}",
        joining=("expect joined",),
        event='{"type":"sendDrawingData","msg":{"drawingType":"fanout@{stamp}","pad":"{pad}"}}',
    )
    body = by_path.event
    by_event = socket_io("/socket.io", auth="", event=f'42["sendDrawingData",{body}]')
    channels = (
        *(sys.executable, "-m", "uvicorn", "bench.fanout.channels_app:application", "--port", "{port}"),
        *("--no-access-log", "--log-level", "warning", "--ws-per-message-deflate", "false"),
    )
    redis = {"REDIS_URL": embedded.redis_url(place.layout)}
    return [
        Contender(SOCKET_IO, (*node, "socket.io"), by_event),
        Contender(WS, (*node, "ws"), by_path),
        Contender(LIMIT, (place.limit, "{port}", "each"), by_path, is_server=False),
        Contender(BATCHES, (place.limit, "{port}", "batch"), by_path, is_server=False),
        # With more under way one event would take seconds to be delivered to 500.
        Contender(CHANNELS, channels, by_path, under_way=4, is_server=False),
        Contender(CHANNELS_REDIS, channels, by_path, env=redis, under_way=4, is_server=False),
    ]
