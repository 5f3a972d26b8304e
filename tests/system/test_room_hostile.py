"""Frames that no client of good will sends: the server says what is wrong, goes on, and grows no larger.

By default some thousands; `SOAK=full` sends a hundred thousand of each kind.
"""

import asyncio
import json
import os
import random
import socket
from contextlib import suppress

import psutil
import pytest

from tests.rooms.realtime.clients import connected, joined, room_token
from tests.system.hostile import BINARY, CLOSE, FIN, PING, TEXT, breaking_in, frame

pytestmark = [pytest.mark.asyncio, pytest.mark.soak]

FRAMES = 100_000 if os.environ.get("SOAK") == "full" else 4_000
# What the allocator may keep of the peaks of a run.
GROWTH = 24 * 2**20
# No closing code came; what a socket holds before its reader has read any, at most.
RESET, BUFFERED = 1006, 2**20
CODES = {"unknown_type", "bad_payload", "not_allowed", "rate_limited", "too_large", "not_in_room"}
TOO_SLOW, LOST = 4429, 1006
# After so many lines more is said than the systems at both ends keep for who does not read.
LATER = 110

EVENTS = [
    {"type": "reaction", "emoji": "👍", "ref": "r"},
    {"type": "raise-hand", "on": True},
    {"type": "signal", "to": "g_" + "0" * 24, "description": {"type": "offer", "sdp": "v=0"}},
    {"type": "annotation", "streamId": "s", "shape": {"points": [[0, 1], [1.5, -2e9]]}},
    {"type": "chat-box", "msg": "Good morning", "file": "none", "ref": "r" * 64},
    {"type": "sharing-toggle", "on": True, "streamId": "s"},
    {"type": "role-change", "to": "0" * 24, "role": "viewer"},
    {"type": "sendDrawingData", "msg": {"drawingType": "mousedown", "payload": {"pos": {"x": 1, "y": 2}}}},
    {"type": "room.join", "roomId": "0" * 24, "epoch": "0" * 24, "lastSeq": 1},
]
VALUES = [None, True, -1, 2**70, 1e400, "", "\0", "\ud800", "x" * 3000, [], {}, [[]] * 50, {"type": "x"}, "all"]
RAW = [b"", b"{", b"[]", b"nul", b"\xff\xfe", b"\xed\xa0\x80", b"[" * 50_000, b'{"type":' * 2_000, b'"' + b"x" * 60_000]


@pytest.fixture
def room(host):
    return host.post("/room/create", {"name": "Hostile", "type": "meeting"})["id"]


def memory(system) -> int:
    return psutil.Process(system.pid("web")).memory_full_info().pss


def mutated(chance: random.Random) -> bytes:
    """Make a valid event wrong in one way or several, or only strange."""
    if chance.random() < 0.2:
        return chance.choice(RAW)
    event = dict(chance.choice(EVENTS))
    for _ in range(chance.randint(0, 2)):
        event[chance.choice([*event, "type", "to", "ref", "extra"])] = chance.choice(VALUES)
    text = json.dumps(event).encode()
    if chance.random() < 0.3:
        place = chance.randrange(len(text))
        text = text[:place] + bytes(chance.choices(range(256), k=chance.randint(0, 3))) + text[place + 1 :]
    return text


async def is_still_served(host, room) -> bool:
    """Say whether somebody else comes in and is answered."""
    async with joined(host, room) as one:
        return (await one.asks("raise-hand", on=True))["type"] == "ack"


async def annoy(client, frames: int, chance: random.Random) -> set[str]:
    """Send wrong events and read all answers; give the codes of the refusals."""
    codes = set()

    async def read() -> None:
        while True:
            event = json.loads(await client.socket.recv())
            if event["type"] == "error":
                codes.add(event["code"])
            if event.get("ref") == "the end":
                return

    reading = asyncio.create_task(read())
    for _ in range(frames):
        # As a binary frame: of a text that is no UTF-8 the connection would end.
        await client.socket.send(mutated(chance))
    await client.say("nonsense", ref="the end")
    async with asyncio.timeout(240):
        await reading
    return codes


@pytest.mark.timeout(600)
async def test_wrong_events_are_refused_by_their_codes_and_cost_no_memory(system, host, guest, room):
    chance = random.Random(4)
    pid = system.pid("web")
    async with joined(guest, room) as one:
        codes = await annoy(one, FRAMES // 4, chance)
        before = memory(system)
        codes |= await annoy(one, FRAMES, chance)
        after = memory(system)
        served = await is_still_served(host, room)

    assert codes <= CODES
    assert codes >= {"unknown_type", "bad_payload", "not_allowed", "rate_limited"}
    assert (served, system.pid("web")) == (True, pid)
    assert after - before < GROWTH


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(b"{}", is_masked=False), 1002),
        (frame(b"\xff\xfe\xfd"), 1007),
        (frame(b"{}", opcode=0x3), 1002),
        (frame(b"{}", first=FIN | 0x40), 1002),
        (frame(b"{}", opcode=0x0), 1002),
        (frame(b"", length=2**40), 1009),
        (frame(b"x" * 2_000_000), 1009),
        (frame(b"x" * 1_114_112 + b"x", opcode=BINARY), 1009),
        (frame(b"x" * 126, opcode=PING), 1002),
        (frame(b"", opcode=PING, first=0), 1002),
        (frame(b"\x00", opcode=CLOSE), 1002),
        (frame(b"\x03\xed", opcode=CLOSE), 1002),
        (frame(b"{", first=0) + frame(b"{}", opcode=TEXT), 1002),
        (b"\0" * 100, 1002),
    ],
)
async def test_what_breaks_the_protocol_ends_that_connection_alone(system, host, guest, room, sent, code):
    pid = system.pid("web")
    token = room_token(guest, room)
    async with joined(host, room) as one:
        async with breaking_in(system.base_url, f"/ws/room/{room}", token) as other:
            await other.send(frame(json.dumps({"type": "room.join", "roomId": room}).encode()))
            await one.hears("participant-joined")
            await other.send(sent)
            closed = await other.closes()
        answer = await one.asks("raise-hand", on=True)

    # What it still sends when the server has hung up may reset the connection before it reads why.
    told = {code, RESET} if len(sent) > BUFFERED else {code}
    assert closed in told
    assert (answer["type"], system.pid("web")) == ("ack", pid)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("payload", [frame(b"x" * 125, opcode=PING), frame(b"", opcode=0xA), frame(b"[", first=0)])
async def test_flood_of_control_frames_that_nobody_reads_grows_nothing(system, host, guest, room, payload):
    pid, token = system.pid("web"), room_token(guest, room)
    before = memory(system)
    async with breaking_in(system.base_url, f"/ws/room/{room}", token) as other:
        with suppress(TimeoutError):
            async with asyncio.timeout(20):
                for _ in range(FRAMES // 100):
                    # Its answers are not read.
                    await other.send(payload * 1000)
        after = memory(system)
        served = await is_still_served(host, room)

    assert (served, system.pid("web")) == (True, pid)
    assert after - before < GROWTH


@pytest.mark.timeout(300)
async def test_who_stops_reading_is_cut_and_slows_nobody(system, host, guest, third, room):
    lines = [f"{number:03}" + "x" * 60_000 for number in range(220)]
    receiving = socket.socket()
    receiving.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    receiving.connect((system.base_url.rpartition("/")[2].partition(":")[0], int(system.base_url.rpartition(":")[2])))
    token = room_token(third, room)
    before = memory(system)
    async with (
        joined(host, room) as one,
        joined(guest, room) as two,
        connected(system.base_url, room, token, sock=receiving, max_queue=1, ping_interval=None) as slow,
    ):
        await slow.say("room.join", roomId=room)
        await two.hears("participant-joined")
        for number, line in enumerate(lines):
            await one.say("annotation", shape=line)
            # Each is here before the next is said, whatever the slow one has not read.
            assert (await two.hears("annotation"))["shape"] == line
            if number == LATER:
                reading = asyncio.create_task(slow.closes())
        after = memory(system)
        code = await reading

    # Who begins to read after the server has let go of the line hears no code.
    assert code in (TOO_SLOW, LOST)
    assert after - before < GROWTH
