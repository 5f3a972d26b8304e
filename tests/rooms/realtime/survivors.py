"""Clients of the plain wire that come back by themselves and lose nothing, as the contract asks of all clients."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import websockets

from tests.rooms.realtime.clients import address

RETRY_SECONDS = 0.1


@dataclass
class Survivor:
    """Somebody in a room who goes on when the link is lost, at whichever of the servers answers."""

    servers: Sequence[str]
    room_id: str
    token: str
    # Kept events in the order in which they came, and what was wrong with that order.
    kept: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    # What was said, by `ref`: still to be acknowledged, and the numbers of the rest.
    waiting: dict[str, dict[str, Any]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    codes: list[int] = field(default_factory=list)
    epoch: str | None = None
    seq: int = 0
    pseq: int = 0
    joins: int = 0
    _socket: Any = None
    _is_joined: bool = False

    @property
    def is_there(self) -> bool:
        return self._is_joined

    async def say(self, kind: str, /, **fields: Any) -> str:
        """Say something that is to be said once, however often the link is lost; give its `ref`."""
        ref = uuid4().hex
        self.waiting[ref] = {"type": kind, "ref": ref, **fields}
        if self._is_joined:
            await self._send(self.waiting[ref])
        return ref

    async def run(self) -> None:
        turn = 0
        while True:
            with suppress(OSError, websockets.WebSocketException, TimeoutError):
                await self._stay(self.servers[turn % len(self.servers)])
            self._is_joined, turn = False, turn + 1
            await asyncio.sleep(RETRY_SECONDS)

    async def _stay(self, server: str) -> None:
        protocols = ["meet.v1", f"bearer.{self.token}"]
        async with websockets.connect(
            address(server, self.room_id), subprotocols=protocols, max_size=None, open_timeout=2, ping_interval=None
        ) as self._socket:
            known = {"epoch": self.epoch, "lastSeq": self.seq, "lastPseq": self.pseq} if self.epoch else {}
            await self._send({"type": "room.join", "roomId": self.room_id, **known})
            try:
                async for text in self._socket:
                    await self._hear(json.loads(text))
            finally:
                self.codes.append(self._socket.close_code or 1006)

    async def _send(self, event: dict[str, Any]) -> None:
        with suppress(websockets.ConnectionClosed):
            await self._socket.send(json.dumps(event))

    async def _hear(self, event: dict[str, Any]) -> None:
        if event["type"] == "room_connected":
            await self._come_in(event)
        elif event["type"] == "ack":
            self.waiting.pop(event["ref"], None)
            self.numbers.setdefault(event["ref"], event["seq"])
            if self.numbers[event["ref"]] != event["seq"]:
                self.faults.append(f"acknowledged twice: {event}")
        elif event["type"] == "error" and event["ref"] in self.waiting:
            if event["code"] != "rate_limited":
                self.faults.append(f"refused: {event}")
            asyncio.get_running_loop().call_later(0.5, self._again, event["ref"])
        elif "seq" in event:
            self._keep(event)

    async def _come_in(self, event: dict[str, Any]) -> None:
        if event["epoch"] != self.epoch:
            self.epoch, self.seq, self.kept = event["epoch"], event["seq"], []
        self.joins += 1
        self._is_joined = True
        for said in [*self.waiting.values()]:
            await self._send(said)

    def _again(self, ref: str) -> None:
        if ref in self.waiting and self._is_joined:
            asyncio.create_task(self._send(self.waiting[ref]))

    def _keep(self, event: dict[str, Any]) -> None:
        if event["seq"] != self.seq + 1:
            self.faults.append(f"{event['seq']} came after {self.seq}")
        self.seq = event["seq"]
        self.kept.append(event)


@asynccontextmanager
async def surviving(*survivors: Survivor) -> AsyncIterator[None]:
    """Have them in their rooms while the block lasts."""
    tasks = [asyncio.create_task(survivor.run()) for survivor in survivors]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
