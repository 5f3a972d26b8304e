"""How long people who were cut off lack what was said meanwhile.

Run it as `python -m bench.recovery`. Members sit in a room behind a small proxy that breaks their TCP connections, and
takes no new ones until the cut is over. Each tries again by itself as the page of a browser does, and has recovered
when everything is there that was said until the cut was over. It fails if something came twice or never.
"""

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

import websockets

from config.lib import embedded
from tests.system.processes import free_port, new_data_dir

CUTS, MEMBERS, ROUNDS = (1, 10, 30), 20, 3
SPOKEN_EACH_SECONDS = 0.25
# A page waits so long before it tries again, twice as long each time, and a part of it by chance.
FIRST_SECONDS, MOST_SECONDS = 0.5, 5.0
PATIENCE_SECONDS = 60.0


class Proxy:
    """Passes bytes on to a port, unless it is cut."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)

    def cut(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers |= {writer, back}
        with suppress(asyncio.CancelledError):
            await asyncio.gather(_copy(reader, back), _copy(there, writer))
        self._writers -= {writer, back}


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    writer.close()


@dataclass
class Member:
    """Somebody's page: it stays in the room for as long as it runs, whatever happens to its link."""

    port: int
    room_id: str
    token: str
    epoch: str = ""
    seq: int = 0
    # Of each number the moment at which it came, and how often it did.
    heard: dict[int, float] = field(default_factory=dict)
    doubled: int = 0

    async def run(self) -> None:
        tries = 0
        while True:
            with suppress(OSError, websockets.WebSocketException):
                async for event in _events(self.port, self.room_id, self.token, self._known()):
                    tries = 0
                    self._take(event)
            pause = min(MOST_SECONDS, FIRST_SECONDS * 2**tries)
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            tries += 1

    def _known(self) -> dict[str, Any]:
        return {"epoch": self.epoch, "lastSeq": self.seq} if self.epoch else {}

    def _take(self, event: dict[str, Any]) -> None:
        if event["type"] == "room_connected":
            if not self.epoch:
                self.epoch, self.seq = event["epoch"], event["seq"]
        elif "seq" in event:
            self.doubled += event["seq"] in self.heard
            self.heard[event["seq"]] = time.monotonic()
            self.seq = event["seq"]


async def _events(port: int, room_id: str, token: str, known: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """Join, and give what is said."""
    address, protocols = f"ws://127.0.0.1:{port}/ws/room/{room_id}", ["meet.v1", f"bearer.{token}"]
    async with websockets.connect(address, subprotocols=protocols, max_size=None) as socket:  # type: ignore[arg-type]
        await socket.send(json.dumps({"type": "room.join", "roomId": room_id, **known}))
        async for text in socket:
            yield json.loads(text)


class Speaker:
    """Says numbered things, past the proxy."""

    def __init__(self, port: int, room_id: str, token: str) -> None:
        self.seq = 0
        self._about = (port, room_id, token)

    async def run(self) -> None:
        port, room_id, token = self._about
        address, protocols = f"ws://127.0.0.1:{port}/ws/room/{room_id}", ["meet.v1", f"bearer.{token}"]
        async with websockets.connect(address, subprotocols=protocols) as socket:  # type: ignore[arg-type]
            await socket.send(json.dumps({"type": "room.join", "roomId": room_id}))
            listening = asyncio.create_task(self._listen(socket))
            while not listening.done():
                await socket.send(json.dumps({"type": "chat-box", "msg": "Something that must not be missed."}))
                await asyncio.sleep(SPOKEN_EACH_SECONDS)
            await listening

    async def _listen(self, socket: websockets.ClientConnection) -> None:
        # It ends with whoever speaks.
        with suppress(websockets.ConnectionClosed):
            async for text in socket:
                self.seq = json.loads(text).get("seq", self.seq)


@dataclass
class Found:
    cut: int
    seconds: list[float] = field(default_factory=list)
    missing: int = 0

    def __str__(self) -> str:
        cuts = quantiles(self.seconds, n=20, method="inclusive")
        return f"| {self.cut} s | {cuts[9]:.2f} s | {cuts[18]:.2f} s | {self.missing} |"


async def measure(proxy: Proxy, speaker: Speaker, members: list[Member], cut: int) -> Found:
    found = Found(cut)
    for _ in range(ROUNDS):
        await _until(lambda: all(member.seq >= speaker.seq > 0 for member in members))
        from_seq = speaker.seq
        proxy.cut()
        await asyncio.sleep(cut)
        until_seq, is_back = speaker.seq, time.monotonic()
        await proxy.open()
        await _until(lambda until=until_seq: all(until in member.heard for member in members))  # type: ignore[misc]
        wanted = range(from_seq + 1, until_seq + 1)
        found.missing += sum(seq not in member.heard for member in members for seq in wanted)
        found.seconds += [member.heard[until_seq] - is_back for member in members]
    return found


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():
            await asyncio.sleep(0.01)


async def compare(port: int, room_id: str, own: str, tokens: list[str]) -> int:
    proxy, speaker = Proxy(port), Speaker(port, room_id, own)
    await proxy.open()
    members = [Member(proxy.port, room_id, token) for token in tokens]
    work = [asyncio.create_task(speaker.run()), *(asyncio.create_task(member.run()) for member in members)]
    print("| cut | p50 | p95 | missing |\n|---|---|---|---|")
    missing = 0
    for cut in CUTS:
        found = await measure(proxy, speaker, members, cut)
        missing += found.missing
        print(found, flush=True)
    for task in work:
        task.cancel()
    await asyncio.gather(*work, return_exceptions=True)
    doubled = sum(member.doubled for member in members)
    print(f"{len(members)} members, {ROUNDS} cuts each; {doubled} events came twice")
    return 1 if missing or doubled else 0


def main() -> int:
    with new_data_dir() as data_dir:
        os.environ.update(DATA_DIR=str(data_dir), DJANGO_SETTINGS_MODULE="config.settings")
        embedded.make_folders(data_dir)
        embedded.ensure_secrets(data_dir)
        import django  # noqa: PLC0415 - settings need the data folder

        django.setup()
        from tests.rooms.realtime.clients import room_token  # noqa: PLC0415 - settings need the data folder
        from tests.system.people import register  # noqa: PLC0415 - settings need the data folder
        from tests.system.processes import serving  # noqa: PLC0415 - settings need the data folder

        with serving(data_dir) as system:
            host = register(system, "host")
            room_id = host.post("/room/create", {"name": "Cuts", "type": "meeting"})["id"]
            tokens = [room_token(host, room_id) for _ in range(MEMBERS + 1)]
            return asyncio.run(compare(int(system.base_url.rpartition(":")[2]), room_id, tokens[0], tokens[1:]))


if __name__ == "__main__":
    sys.exit(main())
