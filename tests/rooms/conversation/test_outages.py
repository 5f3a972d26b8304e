"""What becomes of those who talk when Redis or the database fails them, or we do."""

import asyncio

import pytest
from channels.testing import WebsocketCommunicator
from django.db import OperationalError
from redis.exceptions import ConnectionError as RedisDown

from config.lib.ids import new_id
from rooms import tokens
from rooms.consumers import RoomConsumer
from rooms.enums import RoomRole
from rooms.realtime.bus import key
from rooms.realtime.protocol import EVERYBODY, Kind, Nothing
from rooms.realtime.saying import Saying
from rooms.tokens import RoomClaims, new_guest
from tests.rooms.conversation.talking import House, talker
from tests.rooms.realtime.conftest import eventually, mirror

OUTAGES = [RedisDown, OperationalError, ConnectionResetError]


class Failing(House):
    """Fails at whatever is named in `fails`, with the error beside it; `waits` is what coming in waits for."""

    def __init__(self) -> None:
        super().__init__()
        self.fails = {}
        self.waits = asyncio.Event()
        self.waits.set()
        kind = Kind(name="fault", payload=Nothing, senders=EVERYBODY, to="", summary="", handler=self._fault)
        self.kinds = {**self.kinds, "fault": kind}

    async def arrive(self, *about, **more):
        await self.waits.wait()
        self._fail("arrive")
        return await super().arrive(*about, **more)

    async def arrived(self, *about, **more):
        self._fail("arrived")
        return {}

    async def past(self, *about, **more):
        self._fail("past")
        return []

    async def left(self, *about):
        self._fail("left")

    async def _fault(self, context, payload):
        self._fail("fault")

    def _fail(self, at):
        if at in self.fails:
            raise self.fails[at]


@pytest.fixture
def house():
    return Failing()


@pytest.fixture
async def hub(process):
    return (await process(held_seconds=0.2)).hub


async def join(one, **known):
    await one.say("room.join", roomId=one.claims.room_id, **known)


@pytest.mark.parametrize("error", OUTAGES)
@pytest.mark.parametrize("at", ["arrive", "arrived", "past"])
async def test_who_cannot_come_in_for_now_is_asked_to_come_again(hub, house, room_id, at, error):
    one = talker(hub, house, room_id, "one", "participant")
    house.fails = {at: error("a table called secret")}

    await join(one)

    assert (one.closed, one.of("error")) == ([1012], [])


async def test_who_cannot_be_seated_is_asked_to_come_again_and_leaves_nothing(hub, house, room_id):
    one = talker(hub, house, room_id, "one", "participant")
    await hub.bus._redis.set(key(room_id, "people"), "of the wrong type")

    await join(one)
    await one.connection.leave(is_over=False)

    assert one.closed == [1012]
    assert hub._rooms == {}


async def test_seat_of_who_could_not_come_in_is_given_up_after_its_time(hub, house, room_id):
    other = talker(hub, house, room_id, "other", "participant")
    await other.join()
    one = talker(hub, house, room_id, "one", "participant")
    house.fails = {"arrived": OperationalError()}

    await join(one)
    await one.connection.leave(is_over=False)
    left = await other.hears("participant-left")

    assert (left["participant"]["id"], left["reason"]) == ("one", "lost")
    assert mirror(await hub.room(room_id)) == {"other"}


async def test_who_comes_again_in_time_has_the_same_seat(process, house, room_id):
    hub = (await process()).hub
    one = talker(hub, house, room_id, "one", "participant")
    house.fails = {"arrived": OperationalError()}
    await join(one)
    await one.connection.leave(is_over=False)

    house.fails = {}
    again = talker(hub, house, room_id, "one", "participant", seat=one.claims.seat)
    told = await again.join()

    assert ([person["id"] for person in told["participants"]], again.closed) == (["one"], [])
    assert [*(await hub.room(room_id)).seats] == [one.claims.seat]


async def test_who_left_while_they_came_in_is_not_there(hub, house, room_id):
    one = talker(hub, house, room_id, "one", "participant")
    house.waits.clear()

    joining = asyncio.create_task(join(one))
    await asyncio.sleep(0)
    await one.connection.leave(is_over=False)
    house.waits.set()
    await joining

    assert hub._rooms == {}


@pytest.mark.parametrize("error", OUTAGES)
async def test_event_that_fails_for_now_has_its_sender_come_again(hub, house, room_id, error):
    one = talker(hub, house, room_id, "one", "participant")
    await one.join()
    house.fails = {"fault": error()}

    await one.say("fault", ref="1")

    assert (one.closed, one.of("ack", "error")) == ([1012], [])


async def test_who_cannot_be_told_anew_is_asked_to_come_again(hub, house, room_id):
    one = talker(hub, house, room_id, "one", "participant")
    await one.join()
    house.fails = {"past": OperationalError()}

    await hub.bus._redis.flushall()
    await eventually(lambda: one.closed)

    assert one.closed == [1012]


async def test_who_cannot_be_shown_the_whiteboard_is_asked_to_come_again(hub, house, room_id):
    one = talker(hub, house, room_id, "one", "participant")
    await one.join()
    await hub.bus._redis.set(key(room_id, "board"), "of the wrong type")

    hub.say(room_id, Saying(type="", body=b"{}", orders=(("board", "", ""),)))
    await eventually(lambda: one.closed)

    assert one.closed == [1012]


async def lose_the_link(hub, room_id):
    await hub.bus._listening.disconnect()


async def have_it_read(hub, room_id):
    await hub.say(room_id, Saying(type="", body=b"{}", orders=(("reload", "", ""),)))


@pytest.mark.parametrize("happen", [lose_the_link, have_it_read])
async def test_room_that_could_not_be_read_is_read_when_it_can(hub, house, room_id, caplog, happen):
    one, other = (talker(hub, house, room_id, name, "participant") for name in ("one", "other"))
    for who in (one, other):
        await who.join()
    redis, seats = hub.bus._redis, key(room_id, "seats")
    await redis.rename(seats, "kept away")
    await redis.set(seats, "of the wrong type")

    await happen(hub, room_id)
    await eventually(lambda: "a room has to be read later: ResponseError" in caplog.messages)
    await redis.rename("kept away", seats)
    await one.say("raise-hand", on=True)
    told = await other.hears("raise-hand")

    assert told["id"] == "one"


async def test_link_that_ends_while_the_database_is_away_leaves_no_member(hub, house, room_id):
    one = talker(hub, house, room_id, "one", "participant")
    await one.join()
    house.fails = {"left": OperationalError()}

    await one.connection.leave(is_over=True)

    assert hub._rooms == {}


@pytest.fixture
async def socket(hub, house, room_id):
    """Connect a plain socket, as a server other than ours has it."""
    claims = RoomClaims(new_guest(), "Guest", room_id, RoomRole.PARTICIPANT, new_id())
    bearer = f"bearer.{tokens.make_room(claims)[0]}"
    consumer = RoomConsumer(room_id=room_id, house=house, hub=lambda: hub)
    socket = WebsocketCommunicator(consumer, f"/ws/room/{room_id}", subprotocols=["meet.v1", bearer])
    await socket.connect()
    await socket.send_json_to({"type": "room.join", "roomId": room_id})
    await socket.receive_json_from()
    yield socket
    await socket.disconnect()


async def test_fault_of_ours_closes_with_its_code_and_leaves_nothing(hub, house, room_id, socket, caplog):
    house.fails = {"fault": ZeroDivisionError("what somebody said")}

    await socket.send_json_to({"type": "fault"})
    closed = await socket.receive_output()
    await socket.disconnect(1011)

    assert (closed["type"], closed["code"]) == ("websocket.close", 1011)
    assert hub._rooms == {}
    assert [(record.name, record.exc_info[0]) for record in caplog.records] == [
        ("tertulia.realtime", ZeroDivisionError)
    ]
