"""Clients of the plain wire: they say events and wait for what they are told."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import websockets
from websockets.asyncio.client import ClientConnection

from tests.system.people import Person

SECONDS = 10


@dataclass
class Client:
    """One socket in one room; what was heard and not asked for yet stays in `heard`."""

    socket: ClientConnection
    room_id: str
    token: str
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def say(self, kind: str, /, **fields: Any) -> None:
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def hears(self, kind: str, /, **about: Any) -> dict[str, Any]:
        """Wait for an event of a type, with these fields, and give it; what came before it is let go."""
        async with asyncio.timeout(SECONDS):
            while True:
                event = json.loads(await self.socket.recv())
                self.heard.append(event)
                if event["type"] == kind and about.items() <= event.items():
                    return event

    async def asks(self, kind: str, /, **fields: Any) -> dict[str, Any]:
        """Say something and give the answer: an acknowledgement or an error."""
        ref = fields.setdefault("ref", uuid4().hex)
        await self.say(kind, **fields)
        async with asyncio.timeout(SECONDS):
            while True:
                event = json.loads(await self.socket.recv())
                self.heard.append(event)
                if event["type"] in ("ack", "error") and event.get("ref") == ref:
                    return event

    async def closes(self) -> int:
        """Wait until the server hangs up; give the code."""
        async with asyncio.timeout(SECONDS):
            try:
                while True:
                    self.heard.append(json.loads(await self.socket.recv()))
            except websockets.ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else 1006


def room_token(person: Person, room_id: str, **wish: Any) -> str:
    return str(person.post(f"/room/{room_id}/token", wish)["token"])


def address(base_url: str, room_id: str) -> str:
    return f"{base_url.replace('http', 'ws', 1)}/ws/room/{room_id}"


@asynccontextmanager
async def connected(base_url: str, room_id: str, token: str, **options: Any) -> AsyncIterator[Client]:
    """Connect, and join nothing yet."""
    protocols = ["meet.v1", f"bearer.{token}"]
    async with websockets.connect(
        address(base_url, room_id), subprotocols=protocols, max_size=None, **options
    ) as socket:
        yield Client(socket, room_id, token)


@asynccontextmanager
async def joined(
    person: Person, room_id: str, *, token: str = "", base_url: str = "", role: str | None = None, **joining: Any
) -> AsyncIterator[Client]:
    """Be in a room while the block lasts."""
    token = token or room_token(person, room_id, **({"role": role} if role else {}))
    async with connected(base_url or person.base_url, room_id, token) as client:
        await client.say("room.join", roomId=room_id, **joining)
        await client.hears("room_connected")
        yield client
