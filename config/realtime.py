"""Rooms in real time, put together: the events of all apps, and what is behind the sockets."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast
from weakref import WeakKeyDictionary

from django.conf import settings

from config.lib.asgi import Application, in_thread
from meetings import realtime as meetings
from meetings.actions import chat, coming
from meetings.actions.telling import MEETING_ID
from meetings.rules import withheld_in
from recordings import realtime as recordings
from rooms.actions import arriving
from rooms.consumers import RoomConsumer
from rooms.conversation import kinds
from rooms.conversation.connection import Connection
from rooms.me import PersonalConsumer
from rooms.realtime import sealing
from rooms.realtime.events import Event
from rooms.realtime.hub import Hub
from rooms.realtime.member import Member
from rooms.realtime.outlets import Outlet
from rooms.realtime.protocol import Kind
from rooms.realtime.seats import Seat
from rooms.realtime.standing import Arrival, Standing, Visit
from rooms.socketio.door import Door
from rooms.socketio.server import Server
from rooms.socketio.silence import Silence
from rooms.tokens import RoomClaims
from transcripts import realtime as transcripts

TABLES = (kinds.KINDS, meetings.KINDS, recordings.KINDS, transcripts.KINDS)
KINDS: dict[str, Kind] = {kind.name: kind for table in TABLES for kind in table}

_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """Give the hub of the running loop, of which a server has one."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub(
            settings.REDIS_URL,
            sealed=sealing.sealed,
            opened=sealing.opened,
            inspect=_inspect,
            left=house.left,
            held_seconds=settings.SEAT_HELD_SECONDS,
        )
        _hubs[loop].start()
    return _hubs[loop]


class RoomHouse:
    kinds = KINDS

    async def arrive(self, claims: RoomClaims, *, is_seated: bool) -> Arrival:
        return await in_thread(_arrive, claims, is_seated)

    async def arrived(self, room_id: str, seat: Seat, *, is_new: bool, visit: Visit) -> Mapping[str, Any]:
        come = partial(coming.arrive, room_id=room_id, seat=seat.pid, person=seat.person, name=seat.name, visit=visit)
        meeting = await in_thread(come)
        return {MEETING_ID: meeting.pk if meeting else None}

    async def past(self, claims: RoomClaims, arrival: Arrival, *, is_back: bool) -> Sequence[Event]:
        read = partial(chat.past, room_id=claims.room_id, person=claims.person, is_back=is_back)
        return await in_thread(read)

    async def left(self, room_id: str, seat: Seat, reason: str) -> None:
        await in_thread(partial(coming.leave, seat=seat.pid, reason=reason))


def _arrive(claims: RoomClaims, is_seated: bool) -> Arrival:
    arrival = arriving.arrive(claims, is_seated=is_seated)
    return replace(arrival, consent=claims.person not in withheld_in(claims.room_id))


def _standings(room_id: str, seated: Sequence[RoomClaims]) -> dict[str, Standing]:
    withheld = withheld_in(room_id)
    standings = arriving.standings(room_id, seated)
    without = {claims.seat for claims in seated if claims.person in withheld}
    return {seat: replace(standing, consent=seat not in without) for seat, standing in standings.items()}


async def _inspect(room_id: str, members: list[Member]) -> dict[str, Standing]:
    return await in_thread(_standings, room_id, [member.claims for member in members])


def room_socket(room_id: str) -> Application:
    return cast(Application, RoomConsumer.as_asgi(room_id=room_id, house=house, hub=hub))


def personal_socket() -> Application:
    return cast(Application, PersonalConsumer.as_asgi())


house = RoomHouse()


def _connection(claims: RoomClaims, visit: Visit, outlet: Outlet, close: Callable[[int], None]) -> Connection:
    return Connection(hub=hub(), house=house, claims=claims, outlet=outlet, close=close, visit=visit)


socket_io = Door(
    Server(
        {
            "/erizocontroller/socket.io": _connection,
            "/socket.io": _connection,
            "/recording/socket.io": Silence,
        }
    )
)
