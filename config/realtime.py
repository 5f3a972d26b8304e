"""Rooms in real time, put together: the events of all apps, and what is behind the sockets."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast
from weakref import WeakKeyDictionary

from django.conf import settings

from config.lib.asgi import Application, in_thread
from config.lib.together import Together
from meetings import realtime as meetings
from meetings.actions import chat, coming
from meetings.actions.telling import MEETING_ID
from meetings.models import Meeting
from meetings.rules import withheld
from recordings import realtime as recordings
from rooms.actions import arriving
from rooms.consumers import RoomConsumer
from rooms.conversation import kinds
from rooms.conversation.connection import Connection
from rooms.exceptions import RoomNotFound
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
from transcripts.actions import live

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
        return await _arrivals.ask(arriving.Comer(claims=claims, is_seated=is_seated))

    async def arrived(self, room_id: str, seat: Seat, *, is_new: bool, visit: Visit) -> Mapping[str, Any]:
        comer = coming.Comer(room_id=room_id, seat=seat.pid, person=seat.person, name=seat.name, visit=visit)
        meeting = await _comings.ask(comer)
        return {MEETING_ID: meeting.pk if meeting else None}

    async def past(self, claims: RoomClaims, arrival: Arrival, *, is_back: bool) -> Sequence[Event]:
        return await _pasts.ask(chat.Reader(room_id=claims.room_id, person=claims.person, is_back=is_back))

    async def left(self, room_id: str, seat: Seat, reason: str) -> None:
        await in_thread(partial(coming.leave, seat=seat.pid, reason=reason))


def _arrive(comers: Sequence[arriving.Comer]) -> list[Arrival | Exception]:
    without = withheld({comer.claims.room_id for comer in comers})
    return [
        arrival
        if isinstance(arrival, Exception)
        else replace(arrival, consent=(comer.claims.room_id, arrival.person) not in without)
        for comer, arrival in zip(comers, arriving.arrive(comers), strict=True)
    ]


def _come(comers: Sequence[coming.Comer]) -> list[Meeting | Exception | None]:
    meetings = coming.arrive(comers)
    return [meetings.get(comer.room_id, RoomNotFound()) for comer in comers]


def _standings(rooms: Sequence[Sequence[RoomClaims]]) -> list[dict[str, Standing]]:
    seated = [claims for room in rooms for claims in room]
    without = withheld({claims.room_id for claims in seated})
    found = arriving.standings(seated)
    return [
        {
            claims.seat: replace(found[claims.seat], consent=(claims.room_id, claims.person) not in without)
            for claims in room
        }
        for room in rooms
    ]


def _past(readers: Sequence[chat.Reader]) -> list[list[Event]]:
    """Give what was said and spoken, in one order: ids tell the time."""
    both = zip(chat.past(readers), live.past(readers), strict=True)
    return [sorted(said + spoken, key=lambda event: event.route.id) for said, spoken in both]


async def _inspect(room_id: str, members: list[Member]) -> dict[str, Standing]:
    return await _looks.ask([member.claims for member in members])


# Many come, and are looked at, in the same moment.
_arrivals: Together[arriving.Comer, Arrival] = Together(lambda comers: in_thread(_arrive, comers))
_comings: Together[coming.Comer, Meeting | None] = Together(lambda comers: in_thread(_come, comers))
_pasts: Together[chat.Reader, list[Event]] = Together(lambda readers: in_thread(_past, readers))
_looks: Together[Sequence[RoomClaims], dict[str, Standing]] = Together(lambda rooms: in_thread(_standings, rooms))


def personal_socket() -> Application:
    return cast(Application, PersonalConsumer.as_asgi())


def room_socket(room_id: str) -> Application:
    return RoomConsumer(room_id=room_id, house=house, hub=hub)


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
