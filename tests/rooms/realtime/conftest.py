"""Hubs as several processes have them, on the suite's own Redis, with members that write down what they get."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import pytest
from django.conf import settings
from redis import Redis

from config.lib import keys
from config.lib.ids import new_id
from rooms.enums import RoomRole
from rooms.realtime import sealing
from rooms.realtime.bus import channel
from rooms.realtime.events import Batch, Form
from rooms.realtime.hub import Hub
from rooms.realtime.member import Member
from rooms.realtime.room import LiveRoom
from rooms.realtime.saying import Saying
from rooms.realtime.seats import Seat
from rooms.realtime.standing import Standing
from rooms.tokens import RoomClaims

SECONDS = 10


@dataclass
class Listener:
    """A client at the other end of an outlet."""

    form: Form = Form.PLAIN
    heard: list[dict] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    renewed: int = 0

    def put(self, batch: Batch) -> None:
        self.heard += [msgspec.json.decode(text) for text in batch.texts(Form.PLAIN)]

    async def drained(self) -> None: ...

    def of(self, kind: str) -> list[dict]:
        return [event for event in self.heard if event["type"] == kind]


@dataclass
class Process:
    """One process's hub; `standings` is what its database would say."""

    hub: Hub
    standings: dict[str, Standing]
    left: list[tuple[str, str, str]]

    async def join(self, room_id: str, person: str, *, role: str = "participant", pid: str = "", limit=None):
        claims = RoomClaims(person, person, room_id, RoomRole(role), pid or new_id())
        listener = Listener()

        def renew() -> None:
            # A client would be told of the room as it is.
            listener.renewed += 1
            member.is_behind = False
            member.go_live()

        member = Member(new_id(), claims=claims, role=role, outlet=listener, renew=renew, close=listener.closed.append)
        room = await self.hub.enter(member)
        seat = Seat(
            pid=claims.seat, person=person, name=person, role=role, holder=member.id, process=self.hub.process, since=0
        )
        await self.hub.seating.sit(room_id, seat, limit=limit)
        member.tell(seq=room.seq, pseq=0)
        member.go_live()
        return room, member, listener

    async def say(self, room_id: str, text: str, **about):
        body = msgspec.json.encode({"type": "said", "text": text})
        return await self.hub.say(room_id, Saying(type="said", body=body, **about))


@pytest.fixture
async def process():
    started = []

    async def start(**about) -> Process:
        standings: dict[str, Standing] = {}
        left: list[tuple[str, str, str]] = []

        async def inspect(room_id: str, members: list[Member]) -> dict[str, Standing]:
            return dict(standings)

        async def note(room_id: str, seat: Seat, reason: str) -> None:
            left.append((room_id, seat.person, reason))

        hub = Hub(settings.REDIS_URL, sealed=sealing.sealed, opened=sealing.opened, inspect=inspect, left=note, **about)
        hub.start()
        started.append(hub)
        return Process(hub, standings, left)

    yield start
    for hub in started:
        await hub.stop()


@pytest.fixture
def room_id() -> str:
    room_id = new_id()
    keys.create(room_id)
    return room_id


@pytest.fixture
def messages(room_id):
    """Give what processes sent one another of the room since this was called last."""
    with Redis.from_url(settings.REDIS_URL, protocol=2) as redis, redis.pubsub() as listening:
        end = f"{channel(room_id)}:end"
        listening.subscribe(channel(room_id), end)

        def messages() -> list[bytes]:
            redis.publish(end, b"")
            heard = []
            while (message := listening.get_message(timeout=SECONDS)) and message["channel"] != end.encode():
                heard += [message["data"]] if message["type"] == "message" else []
            return heard

        for _ in range(2):
            listening.get_message(timeout=SECONDS)
        yield messages


async def eventually(is_so: Callable[[], object]) -> None:
    """Wait until something is so, or fail."""
    async with asyncio.timeout(SECONDS):
        while not is_so():
            await asyncio.sleep(0.01)


def mirror(room: LiveRoom) -> set[str]:
    return {seat.person for seat in room.seats.values()}
