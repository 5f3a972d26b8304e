"""Socket.IO under a server that lends no transport."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
import uvicorn

from config.lib.ids import new_id
from rooms import tokens
from rooms.enums import RoomRole
from rooms.realtime.events import Batch, Event, Route
from rooms.realtime.outlets import MAX_BUFFERED, TooSlow
from rooms.realtime.protocol import Close
from rooms.socketio.door import Door
from rooms.socketio.server import Server
from rooms.tokens import RoomClaims, new_guest
from tests.rooms.realtime.conftest import eventually
from tests.rooms.realtime.socketio_clients import all_of, python_client, socket_of
from tests.system.processes import free_port

pytestmark = pytest.mark.asyncio

LONG = b'{"type":"said","text":"%s"}' % (b"x" * 60_000)


class Speaker:
    """Says again what it hears, or, when asked to, talks until it is too much."""

    def __init__(self, outlet, close):
        self.outlet = outlet
        self.close = close
        self.said = 0
        self.left: list[bool] = []

    async def hear(self, fields, size, answer=None):
        if fields["type"] == "fail":
            raise ZeroDivisionError
        if fields["type"] == "talk":
            await self.talk()
        else:
            self.tell("said", json.dumps(fields).encode())

    async def talk(self):
        try:
            while self.said < 100 * MAX_BUFFERED:
                self.tell("said", LONG)
                self.said += len(LONG)
                # Whoever writes gets its turn.
                await asyncio.sleep(0)
        except TooSlow:
            self.close(Close.TOO_SLOW)

    def tell(self, name, body):
        self.outlet.put(Batch([Event(Route(name), body)]))

    async def leave(self, *, is_over):
        self.left.append(is_over)


@asynccontextmanager
async def serving():
    """Have uvicorn serve Socket.IO with its own WebSockets; give its address, and those who speak."""
    speakers = []

    def opening(claims, visit, outlet, close):
        speakers.append(Speaker(outlet, close))
        return speakers[-1]

    port = free_port()
    options = {"ws": "websockets-sansio", "ws_per_message_deflate": False, "lifespan": "off"}
    config = uvicorn.Config(Door(Server({"/socket.io": opening})), port=port, log_level="critical", **options)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{port}", speakers
    finally:
        server.should_exit = True
        await task


def token():
    return tokens.make_room(RoomClaims(new_guest(), "Guest", new_id(), RoomRole.PARTICIPANT, new_id()))[0]


@pytest.mark.parametrize("transports", [["websocket"], ["polling"], ["polling", "websocket"]])
async def test_client_is_heard_and_told(transports):
    async with serving() as (url, speakers):
        async with python_client(url, token(), transports=transports) as client:
            await client.say("hello", {"text": "one"})
            told = await client.hears("said")
        await eventually(lambda: speakers[0].left)

    assert told == {"text": "one", "type": "hello"}
    assert len(speakers[0].left) == 1


async def test_fault_of_ours_is_told_by_its_code_and_hangs_up(caplog):
    async with serving() as (url, speakers):
        async with python_client(url, token(), transports=["websocket"]) as client:
            await client.say("fail", {})
            closed = await client.hears("closed")
            await eventually(lambda: not client.client.connected)
        await eventually(lambda: speakers[0].left)

    assert closed == {"type": "closed", "code": 1011}
    assert speakers[0].left == [False]
    assert [record.exc_info[0] for record in caplog.records] == [ZeroDivisionError]


async def test_who_does_not_read_is_cut():
    async with serving() as (url, speakers), socket_of(url) as ws:
        await ws.recv()
        await ws.send("40" + json.dumps({"token": token()}))
        await ws.recv()
        await ws.send('42["talk",{}]')
        await eventually(lambda: speakers[0].left)
        rest = await all_of(ws)

    assert speakers[0].left == [False]
    assert sum(map(len, rest)) < speakers[0].said
