"""Rooms in real time, put together: the events of all apps, and what is behind the sockets."""

import asyncio
from functools import partial
from typing import cast
from weakref import WeakKeyDictionary

from django.conf import settings

from config.lib.asgi import Application, in_thread
from rooms.actions import arriving
from rooms.consumers import RoomConsumer
from rooms.conversation import kinds
from rooms.me import PersonalConsumer
from rooms.realtime import sealing
from rooms.realtime.hub import Hub
from rooms.realtime.member import Member
from rooms.realtime.protocol import Kind
from rooms.realtime.seats import Seat
from rooms.realtime.standing import Arrival, Standing
from rooms.tokens import RoomClaims

KINDS: dict[str, Kind] = {kind.name: kind for kind in kinds.KINDS}

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
        return await in_thread(partial(arriving.arrive, claims, is_seated=is_seated))

    async def arrived(self, room_id: str, seat: Seat, *, is_new: bool) -> None:
        return None

    async def left(self, room_id: str, seat: Seat, reason: str) -> None:
        return None


async def _inspect(room_id: str, members: list[Member]) -> dict[str, Standing]:
    return await in_thread(arriving.standings, room_id, [member.claims for member in members])


def personal_socket() -> Application:
    return cast(Application, PersonalConsumer.as_asgi())


def room_socket(room_id: str) -> Application:
    return cast(Application, RoomConsumer.as_asgi(room_id=room_id, house=house, hub=hub))


house = RoomHouse()
