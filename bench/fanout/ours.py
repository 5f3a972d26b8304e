"""Ours, in each of its forms: how it is started and joined, and what is said in it."""

import importlib.util
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from bench.fanout.contenders import Contender, Member
from bench.fanout.wires import Wire, socket_io

PLAIN, PLAIN_BUS, GATHERED = "ours, plain, no bus", "ours, plain", "ours, gathered"
SOCKET_IO, SOCKET_IO_BUS, UPGRADED = "ours, Socket.IO, no bus", "ours, Socket.IO", "ours, upgraded"
FORMS = 6
# The module without which there is nothing to start.
NEEDED = "rooms.realtime"
COMMAND = (
    *(sys.executable, "-m", "uvicorn", "bench.fanout.ours_app:application", "--port", "{port}"),
    *("--no-access-log", "--log-level", "warning", "--ws-per-message-deflate", "false"),
    *("--ws", "config.serve.sockets:LendingSockets", "--http", "config.serve.http:BoundedHttp"),
    *("--timeout-graceful-shutdown", "2", "--no-proxy-headers"),
)
SETTINGS = {"DATABASE_POOL": "True"}
# Events stay inside the process: see `ours_app`.
NO_BUS = {"BUS": "none"}
# Frames that wait for each other: as many as come while they wait have to be under way.
UNDER_WAY_GATHERED = 1024

# An event that is not kept and waits for no other, and whose unknown fields are passed on.
SELLING = '{"type":"product-selected","productId":"1","title":"fanout@{stamp}","note":"{pad}"}'
# One that may be gathered with others.
DRAWING = (
    '{"type":"sendDrawingData","msg":{"drawingType":"mousemove","payload":{"pos":{"x":1,"y":2},"eraser":false,'
    '"brushSize":2,"inkColor":"#000000","brushOpacity":1},"mark":"fanout@{stamp}","pad":"{pad}"}}'
)


def is_there() -> bool:
    return importlib.util.find_spec(NEEDED) is not None


def is_ours(contender: Contender) -> bool:
    return contender.name.startswith("ours")


def contenders(rooms: int, people: int) -> list[Contender]:
    """Fill the database with rooms and people, and make all forms of ours."""
    given = prepare(rooms * FORMS, people)
    # In a room of several the processes would do the work of each other.
    firsts = iter(range(0, rooms * FORMS, rooms))
    plain = Wire(
        path="/ws/room/{room}",
        protocols="meet.v1, bearer.{token}",
        joining=('say {"type":"room.join","roomId":"{room}"}', 'expect "room_connected"'),
        event=SELLING,
    )
    drawing = Wire(plain.path, plain.joining, DRAWING, plain.protocols)
    auth, event = '{"token":"{token}"}', f'42["product-selected",{SELLING}]'
    frames = socket_io("/socket.io", auth=auth, event=event)
    upgraded = socket_io("/socket.io", auth=auth, event=event, is_upgrading=True)

    def form(name: str, wire: Wire, settings: dict[str, str] = SETTINGS, under_way: int = 32) -> Contender:
        first = next(firsts)
        return Contender(name, COMMAND, wire, settings, lambda room, count: given.seats(first + room, count), under_way)

    return [
        form(PLAIN, plain, SETTINGS | NO_BUS),
        form(PLAIN_BUS, plain),
        form(GATHERED, drawing, under_way=UNDER_WAY_GATHERED),
        form(SOCKET_IO, frames, SETTINGS | NO_BUS),
        form(SOCKET_IO_BUS, frames),
        form(UPGRADED, upgraded),
    ]


@dataclass(frozen=True, eq=False)
class Given:
    """What is in the database."""

    room_ids: Sequence[str]
    user_ids: Sequence[str]

    @cache  # noqa: B019 - it lives as long as the bench
    def seats(self, room: int, count: int) -> list[Member]:
        """Have so many people ask for a token as everybody does."""
        from accounts.models import User  # noqa: PLC0415 - needs the loaded apps
        from rooms.actions import joining  # noqa: PLC0415 - needs the loaded apps

        room_id = self.room_ids[room]
        wish, device = joining.Wish(), joining.Device()
        people = User.objects.filter(pk__in=self.user_ids[:count])
        entered = [joining.enter(room_id=room_id, wish=wish, by=person, device=device) for person in people]
        return [Member(room_id, admission.token) for admission in entered if isinstance(admission, joining.Admission)]


def prepare(rooms: int, people: int) -> Given:
    """Load Django, which needs the data folder, and fill the database."""
    import django  # noqa: PLC0415 - settings need the data folder

    django.setup()
    logging.disable(logging.INFO)
    from django.core.management import call_command  # noqa: PLC0415 - needs the loaded apps

    from accounts.models import User  # noqa: PLC0415 - needs the loaded apps
    from rooms.actions import places  # noqa: PLC0415 - needs the loaded apps

    call_command("migrate", verbosity=0)
    users = User.objects.bulk_create(
        User(username=f"person{number}", email=f"person{number}@example.com", first_name=f"Person {number}")
        for number in range(people)
    )
    made = [places.create(values={"name": f"Room {number}"}, by=users[0]) for number in range(rooms)]
    return Given([room.pk for room in made], [user.pk for user in users])
