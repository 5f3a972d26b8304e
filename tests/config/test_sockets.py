"""The transport that web processes lend to sockets."""

import asyncio
from contextlib import asynccontextmanager

import pytest
import uvicorn
import websockets
from websockets.asyncio.client import connect

from config.serve.sockets import EXTENSION
from tests.system.processes import free_port

pytestmark = pytest.mark.asyncio

SECONDS = 10
FRAME = b"\x82\x7e\xff\x00" + bytes(0xFF00)


@asynccontextmanager
async def serving(work):
    """Have a server run that accepts each socket and hands its wire to `work`; give its address and its state."""

    async def application(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        work(scope["extensions"][EXTENSION])
        while (await receive())["type"] != "websocket.disconnect":
            pass

    port = free_port()
    options = {"ws": "config.serve.sockets:LendingSockets", "ws_per_message_deflate": False, "lifespan": "off"}
    server = uvicorn.Server(uvicorn.Config(application, port=port, log_level="critical", **options))
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield f"ws://127.0.0.1:{port}/", server.server_state
    finally:
        server.should_exit = True
        await task


async def until(is_so):
    async with asyncio.timeout(SECONDS):
        while not is_so():
            await asyncio.sleep(0.01)


async def test_close_of_a_wire_comes_after_what_was_written():
    def work(wire):
        wire.write(FRAME)
        wire.close(4403)
        wire.write(FRAME)

    async with serving(work) as (url, _), connect(url) as client:
        told = await client.recv()
        with pytest.raises(websockets.ConnectionClosedError) as closed:
            await client.recv()

    assert len(told) == 0xFF00
    assert closed.value.rcvd.code == 4403


async def test_close_of_a_wire_does_not_wait_for_who_never_reads():
    wires = []

    def work(wire):
        while wire.write(FRAME) < 1 << 20:
            pass
        wire.close(4429)
        wires.append(wire)

    async with serving(work) as (url, state), connect(url, max_queue=1) as client:
        await until(lambda: wires)
        await until(lambda: not state.connections)
        client.transport.abort()

    assert wires[0].write(FRAME) == 0
