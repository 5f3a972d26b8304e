"""Clients of the Socket.IO wire: socket.io-client under Node, and python-socketio's own."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import socketio
import websockets
from websockets.asyncio.client import ClientConnection

from tests.rooms.realtime.clients import SECONDS

SOURCE = Path(__file__).resolve().parents[2] / "clients" / "socketio"


def install(at: Path) -> Path:
    """Bring socket.io-client, as the lock file has it, to a folder; give the program that is led by lines."""
    npm = shutil.which("npm")
    if npm is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("left out: socket.io-client, no npm; install it")
    shutil.copytree(SOURCE, at)
    done = subprocess.run(
        [str(npm), "ci", "--no-audit", "--no-fund"], cwd=at, capture_output=True, text=True, check=False, timeout=180
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return at / "client.js"


@dataclass
class Talker:
    """What clients have in common; all that was heard stays in `heard`, as [name, object]."""

    heard: list[Any] = field(default_factory=list)
    _seen: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, name: str, *said: Any) -> None:
        self.heard.append([name, *said])
        self._news.set()

    async def hears(self, name: str, /, **about: Any) -> Any:
        """Wait for an event of a name, with these fields, and give its object; what came before it is let go."""
        async with asyncio.timeout(SECONDS):
            while True:
                while self._seen < len(self.heard):
                    event = self.heard[self._seen]
                    self._seen += 1
                    if event[0] == name and about.items() <= event[1].items():
                        return event[1]
                self._news.clear()
                await self._news.wait()

    def names(self) -> list[str]:
        return [event[0] for event in self.heard]

    async def say(self, name: str, /, *said: Any) -> None:
        raise NotImplementedError

    async def asks(self, name: str, /, *said: Any) -> Any:
        """Say something, and give what the callback of the acknowledgement gets."""
        raise NotImplementedError


@dataclass
class NodeClient(Talker):
    process: asyncio.subprocess.Process | None = None
    _asked: int = 0

    async def say(self, name: str, /, *said: Any) -> None:
        await self._lead(emit=[name, *said])

    async def asks(self, name: str, /, *said: Any) -> Any:
        self._asked += 1
        await self._lead(emit=[name, *said], ack=self._asked)
        return (await self.hears(f"ack {self._asked}"))["said"][0]

    async def disconnect(self) -> None:
        await self._lead(disconnect=True)

    async def _lead(self, **line: Any) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(line).encode() + b"\n")
        await self.process.stdin.drain()

    async def listen(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            told = json.loads(line)
            if "event" in told:
                self.hear(*told["event"])
            elif "ack" in told:
                self.hear(f"ack {told['ack']}", told)
            else:
                self.hear(next(iter(told)), told)


@asynccontextmanager
async def node_client(
    program: Path, base_url: str, token: str, *, path: str = "/socket.io", transports: str = "", origin: str = ""
) -> AsyncIterator[NodeClient]:
    """Have socket.io-client connect, or be refused."""
    process = await asyncio.create_subprocess_exec(
        *("node", str(program), base_url, path, token, transports, origin),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        limit=2**22,
    )
    client = NodeClient(process=process)
    listening = asyncio.create_task(client.listen())
    try:
        yield client
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await listening


@dataclass
class PythonClient(Talker):
    client: Any = None

    async def say(self, name: str, /, *said: Any) -> None:
        await self.client.emit(name, *said)

    async def asks(self, name: str, /, *said: Any) -> Any:
        return await self.client.call(name, *said, timeout=SECONDS)


@asynccontextmanager
async def python_client(base_url: str, token: str, **options: Any) -> AsyncIterator[PythonClient]:
    """Have python-socketio's client connect."""
    client = PythonClient(client=socketio.AsyncClient(reconnection=False))
    client.client.on("*", client.hear)
    await client.client.connect(base_url, auth={"token": token}, **options)
    try:
        yield client
    finally:
        await client.client.disconnect()


@dataclass
class Silent:
    """A client that has joined and reads no more."""

    rest: Callable[[], Awaitable[list[str]]]


def narrow(base_url: str) -> socket.socket:
    """Connect with a small window, so that what is not read waits in the server."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", int(base_url.rpartition(":")[2])))
    return connection


@asynccontextmanager
async def socket_of(base_url: str, session: str = "") -> AsyncIterator[ClientConnection]:
    """Open a WebSocket, for a new session or for one that polls."""
    address = f"{base_url.replace('http', 'ws', 1)}/socket.io/?EIO=4&transport=websocket{session}"
    options: dict[str, Any] = {"max_size": None, "max_queue": 1, "ping_interval": None}
    async with websockets.connect(address, sock=narrow(base_url), **options) as ws:
        yield ws


async def all_of(ws: ClientConnection) -> list[str]:
    heard = []
    with suppress(websockets.ConnectionClosed):
        while True:
            heard.append(str(await ws.recv()))
    return heard


@asynccontextmanager
async def silent_websocket(base_url: str, token: str, room_id: str) -> AsyncIterator[Silent]:
    async with socket_of(base_url) as ws:
        await ws.recv()
        await ws.send("40" + json.dumps({"token": token}))
        await ws.recv()
        await ws.send("421" + json.dumps(["room.join", {"roomId": room_id}]))
        while not str(await ws.recv()).startswith("431"):
            pass
        yield Silent(partial(all_of, ws))


@asynccontextmanager
async def polling(base_url: str, token: str, room_id: str) -> AsyncIterator[tuple[Silent, str]]:
    """Join by polling; give the session too, as addresses name it."""
    path = "/socket.io/?EIO=4&transport=polling"
    async with httpx.AsyncClient(base_url=base_url, timeout=SECONDS) as http:
        session = "&sid=" + json.loads((await http.get(path)).text[1:])["sid"]
        path += session

        async def rest() -> list[str]:
            heard = []
            while (answer := await http.get(path)).is_success:
                heard += answer.text.split("\x1e")
            return heard

        await http.post(path, content="40" + json.dumps({"token": token}))
        await http.get(path)
        join = asyncio.create_task(http.post(path, content="421" + json.dumps(["room.join", {"roomId": room_id}])))
        while "431[" not in (await http.get(path)).text:
            pass
        await join
        yield Silent(rest), session


@asynccontextmanager
async def silent_polling(base_url: str, token: str, room_id: str) -> AsyncIterator[Silent]:
    async with polling(base_url, token, room_id) as (silent, _):
        yield silent


@asynccontextmanager
async def silent_upgrading(base_url: str, token: str, room_id: str) -> AsyncIterator[Silent]:
    """Begin an upgrade, and then say and read no more, neither there nor by polling."""
    async with polling(base_url, token, room_id) as (_, session), socket_of(base_url, session) as ws:
        await ws.send("2probe")
        await ws.recv()
        yield Silent(partial(all_of, ws))


@asynccontextmanager
async def silent_upgraded(base_url: str, token: str, room_id: str) -> AsyncIterator[Silent]:
    async with polling(base_url, token, room_id) as (_, session), socket_of(base_url, session) as ws:
        await ws.send("2probe")
        await ws.recv()
        await ws.send("5")
        yield Silent(partial(all_of, ws))
