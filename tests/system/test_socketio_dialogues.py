"""People in one room over both wires, with the clients that exist, against a running system with two web processes."""

import asyncio
import json
from contextlib import AsyncExitStack

import httpx
import psutil
import pytest
import websockets

from tests.rooms.realtime.clients import joined, room_token
from tests.rooms.realtime.conftest import eventually
from tests.rooms.realtime.socketio_clients import (
    install,
    node_client,
    python_client,
    silent_polling,
    silent_upgraded,
    silent_upgrading,
    silent_websocket,
)
from tests.system.people import register
from tests.system.processes import STOP_SECONDS, second_web, serving

pytestmark = pytest.mark.asyncio

# What waits for one who does not read, and by how much else such a one may make the server grow.
QUEUE, GROWTH = 2**20, 4 * 2**20
TRANSPORTS = {"default": "", "websocket": "websocket", "polling": "polling"}


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return install(tmp_path_factory.mktemp("clients") / "socketio")


@pytest.fixture
def room(host):
    return host.post("/room/create", {"name": "Both wires", "type": "meeting"})["id"]


def participant(person, role):
    shown = {"id": person.id, "username": f"{person.email.partition('@')[0].capitalize()} Tester", "role": role}
    return {**shown, "mic": False, "camera": False, "hand": False, "sharing": False, "consent": True}


@pytest.mark.parametrize("transports", TRANSPORTS.values(), ids=TRANSPORTS)
@pytest.mark.parametrize("path", ["/socket.io", "/erizocontroller/socket.io"])
async def test_both_wires_meet_in_one_room(system, program, host, guest, room, other_web, transports, path):
    token = room_token(guest, room)
    async with (
        joined(host, room, base_url=other_web) as one,
        node_client(program, system.base_url, token, transports=transports, path=path) as two,
    ):
        await two.hears("connected")
        answer = await two.asks("room.join", {"roomId": room})
        told = next(event[1] for event in two.heard if event[0] == "room_connected")
        seen = await one.hears("participant-joined")
        await one.asks("reaction", emoji="👍")
        reacted = await two.hears("reaction")
        raised = await two.asks("raise-hand", {"on": True, "ref": "r1", "id": "another"})
        shown = await one.hears("raise-hand")
        await two.disconnect()
        left = await one.hears("participant-left")

    assert answer == {"type": "ack", "ref": None}
    assert {name: told[name] for name in ("type", "roomId", "self", "participants", "pseq")} == {
        "type": "room_connected",
        "roomId": room,
        "self": {"id": guest.id, "username": "Guest Tester", "role": "participant"},
        "participants": [participant(host, "host"), participant(guest, "participant")],
        "pseq": 0,
    }
    assert seen == {"type": "participant-joined", "participant": participant(guest, "participant")}
    assert reacted == {
        "type": "reaction",
        "id": host.id,
        "username": "Host Tester",
        "time": reacted["timeMs"] // 1000,
        "timeMs": reacted["timeMs"],
        "emoji": "👍",
    }
    assert raised == {"type": "ack", "ref": "r1"}
    assert shown == {
        "type": "raise-hand",
        "id": guest.id,
        "username": "Guest Tester",
        "time": shown["timeMs"] // 1000,
        "timeMs": shown["timeMs"],
        "on": True,
    }
    assert (left["reason"], left["participant"]["id"]) == ("left", guest.id)


@pytest.mark.parametrize("transports", [["polling", "websocket"], ["websocket"], ["polling"]])
async def test_python_client_speaks_and_hears(system, host, guest, room, other_web, transports):
    token = room_token(guest, room)
    async with joined(host, room) as one, python_client(other_web, token, transports=transports) as two:
        await two.say("room.join", {"roomId": room})
        await two.hears("room_connected")
        answers = [await two.asks("raise-hand", {"on": True}), await two.asks("nonsense", {"ref": "x"})]
        shown = await one.hears("raise-hand")
        await one.asks("annotation", shape={"a": [1, "é"]})
        drawn = await two.hears("annotation")

    assert answers == [
        {"type": "ack", "ref": None},
        {
            "type": "error",
            "ref": "x",
            "code": "unknown_type",
            "message": "There is no event of the type 'nonsense'.",
        },
    ]
    assert (shown["id"], drawn["shape"]) == (guest.id, {"a": [1, "é"]})


async def test_others_hear_of_who_comes_in_both_ways_that_clients_know(system, program, host, guest, third, room):
    tokens = [room_token(person, room) for person in (host, guest)]
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(node_client(program, system.base_url, tokens[0]))
        two = await stack.enter_async_context(node_client(program, system.base_url, tokens[1], transports="polling"))
        await one.asks("room.join", {"roomId": room})
        await two.asks("data", {"type": "room.join", "roomId": room})
        await one.hears("participant-joined")
        seen = await one.hears("room_connected")
        await stack.enter_async_context(joined(third, room))
        named = [await one.hears("participant-joined"), await one.hears("room_connected")]
        inside = [await two.hears("data", type="participant-joined"), await two.hears("data", type="room_connected")]

    both = [
        {"type": "participant-joined", "participant": participant(third, "participant")},
        {"type": "room_connected", "joined": participant(third, "participant")},
    ]
    assert seen == {"type": "room_connected", "joined": participant(guest, "participant")}
    assert (named, inside) == (both, both)


async def test_everybody_is_answered_in_the_form_that_they_use(system, program, host, guest, room):
    tokens = [room_token(person, room) for person in (host, guest)]
    async with (
        node_client(program, system.base_url, tokens[0], transports="websocket") as one,
        node_client(program, system.base_url, tokens[1], transports="websocket") as two,
    ):
        await one.asks("room.join", {"roomId": room})
        await two.asks("data", {"type": "room.join", "roomId": room})
        await two.say("data", {"type": "raise-hand", "on": True, "ref": "r1"})
        acknowledged = await two.hears("data", type="ack")
        await two.say("data", {"type": "raise-hand", "on": "x", "ref": "r2"})
        refused = await two.hears("data", type="error")
        shown = await one.hears("raise-hand")
        await one.say("reaction", 5)
        wrong = await one.hears("error")

    assert acknowledged == {"type": "ack", "ref": "r1"}
    assert (refused["ref"], refused["code"], shown["on"]) == ("r2", "bad_payload", True)
    assert wrong == {
        "type": "error",
        "ref": None,
        "code": "bad_payload",
        "message": "Send one object with an event.",
    }


@pytest.mark.parametrize("transports", TRANSPORTS.values(), ids=TRANSPORTS)
async def test_answers_and_events_come_in_one_order(system, program, host, guest, room, transports):
    async with (
        joined(host, room) as one,
        node_client(program, system.base_url, room_token(guest, room), transports=transports) as two,
    ):
        await two.asks("room.join", {"roomId": room})
        for number in range(15):
            await two.say("clock-that-is-none", {"ref": f"r{number}"})
            await one.say("annotation", shape=number)
        await eventually(lambda: (two.names().count("error"), two.names().count("annotation")) == (15, 15))

    refs = [event[1]["ref"] for event in two.heard if event[0] == "error"]
    assert refs == [f"r{number}" for number in range(15)]
    assert [event[1]["shape"] for event in two.heard if event[0] == "annotation"] == [*range(15)]


@pytest.mark.parametrize("transports", ["websocket", "polling"])
async def test_who_is_removed_is_told_the_code_and_cut(system, program, host, guest, room, transports):
    token = room_token(guest, room)
    async with (
        joined(host, room) as one,
        node_client(program, system.base_url, token, transports=transports) as two,
    ):
        await two.asks("room.join", {"roomId": room})
        await one.asks("remove-participant", to=guest.id)
        closed = await two.hears("closed")
        ended = await two.hears("disconnected")
    async with node_client(program, system.base_url, token, transports=transports) as again:
        await again.say("room.join", {"roomId": room})
        code = await again.hears("closed")

    assert closed == code == {"type": "closed", "code": 4403}
    assert ended == {"disconnected": "io server disconnect"}


async def test_seat_is_taken_again_over_the_other_wire(system, program, host, guest, room, other_web):
    token = room_token(guest, room)
    async with (
        joined(host, room) as one,
        node_client(program, system.base_url, token) as two,
    ):
        await two.asks("room.join", {"roomId": room})
        await two.asks("raise-hand", {"on": True})
        async with joined(guest, room, token=token, base_url=other_web) as again:
            closed = await two.hears("closed")
        await one.hears("participant-left")

    assert closed == {"type": "closed", "code": 4410}
    assert [shown["hand"] for shown in again.heard[0]["participants"] if shown["id"] == guest.id] == [True]


@pytest.mark.parametrize("transports", TRANSPORTS.values(), ids=TRANSPORTS)
async def test_who_may_not_connect_is_told_why(system, program, host, room, transports):
    token = room_token(host, room)
    bound = httpx.post(
        f"{host.base_url}/room/{room}/token", json={}, headers={**host.headers, "Origin": host.base_url}, timeout=30
    ).json()["data"]["token"]
    refusals = []
    for text, origin in (("a.b.c", ""), (token, "https://elsewhere.example"), (bound, "")):
        async with node_client(program, system.base_url, text, transports=transports, origin=origin) as one:
            refusals.append(await one.hears("refused"))
    async with node_client(program, system.base_url, bound, transports=transports, origin=host.base_url) as one:
        await one.hears("connected")

    sentence = "This page may not use the room token."
    assert [(refused["refused"], refused["data"]) for refused in refusals] == [
        ("The room token is not valid or has expired: ask for a new one.", {"code": "bad_room_token"}),
        (sentence, {"code": "bad_room_token"}),
        (sentence, {"code": "bad_room_token"}),
    ]


async def test_recordings_have_a_path_on_which_nothing_is_said_yet(system, program, host, room):
    async with node_client(program, system.base_url, room_token(host, room), path="/recording/socket.io") as one:
        await one.hears("connected")
        answer = await one.asks("create-file", {"roomId": room})

    assert answer == {"type": "error", "ref": None, "code": "unknown_type", "message": "There are no events here."}


async def test_token_in_the_address_opens_nothing_unless_it_may(system, host, guest, room):
    token = room_token(host, room)

    async def connect(base_url):
        address = f"{base_url.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket&token={token}"
        async with websockets.connect(address) as socket:
            await socket.recv()
            await socket.send("40")
            return (await socket.recv())[:2]

    refused = await connect(system.base_url)
    with second_web(system, env={"ALLOW_QUERY_TOKENS": "True"}) as lenient:
        taken = await connect(lenient)
        plain = f"{lenient.replace('http', 'ws', 1)}/ws/room/{room}?token={token}"
        async with websockets.connect(plain) as socket:
            await socket.send(json.dumps({"type": "room.join", "roomId": room}))
            told = json.loads(await socket.recv())

    logged = "".join(path.read_text() for path in (system.data_dir / "logs").glob("*.log"))
    assert (refused, taken, told["type"]) == ("44", "40", "room_connected")
    assert token not in logged


@pytest.mark.parametrize("silent", [silent_websocket, silent_polling, silent_upgrading, silent_upgraded])
async def test_who_does_not_read_is_cut_and_the_others_lose_nothing(system, host, guest, third, room, silent):
    async with joined(host, room) as one, joined(third, room) as three:
        # What the process takes once for all of this counts for nobody.
        await say_long(system, one, three, 40)
        async with silent(system.base_url, room_token(guest, room), room) as two:
            numbers, grown = await say_long(system, one, three, 120)
            rest = await asyncio.wait_for(two.rest(), 10)

    assert numbers == [*range(120)]
    assert len(rest) < 119
    assert grown < QUEUE + GROWTH


async def say_long(system, one, other, count):
    """Have one say so many long events; give what the other heard, and by how much the server grew at most."""
    web = psutil.Process(system.pid("web"))
    sizes = [web.memory_info().rss]
    hearing = asyncio.create_task(numbers_of(other, count))
    for number in range(count):
        await one.say("annotation", shape=[number, "x" * 60_000])
        await asyncio.sleep(0.05)
        sizes.append(web.memory_info().rss)
    return await hearing, max(sizes) - sizes[0]


async def numbers_of(client, count):
    return [(await client.hears("annotation"))["shape"][0] for _ in range(count)]


async def test_system_stops_in_time_with_clients_on_every_transport(program):
    with serving() as system:
        host = register(system, "host")
        room = host.post("/room/create", {"name": "Ending", "type": "meeting"})["id"]
        async with AsyncExitStack() as stack:
            for transports in TRANSPORTS.values():
                client = await stack.enter_async_context(
                    node_client(program, system.base_url, room_token(host, room), transports=transports)
                )
                await client.asks("room.join", {"roomId": room})
            seconds = await asyncio.to_thread(system.stop)

    assert seconds < STOP_SECONDS
