"""Clients of the room, with their sockets, and what they know."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import msgspec
from redis.exceptions import RedisError

from config.lib.ids import new_id
from rooms.conversation.connection import Connection
from rooms.enums import RoomRole
from rooms.realtime.events import Batch, Form
from rooms.tokens import RoomClaims

# Devices, and whose they are.
DEVICES = {
    "host": "host",
    "cohost": "cohost",
    "participant": "participant",
    "second": "participant",
    "viewer": "viewer",
    "latecomer": "participant-2",
}


class Device:
    """A client, with what it knows; all that must not be goes into `faults`."""

    def __init__(self, name: str, person: str, room_id: str, faults: list[str]) -> None:
        self.name = name
        self.person = person
        self.claims = RoomClaims(person, person, room_id, RoomRole.HOST, new_id())
        self.pid = self.claims.seat
        self.faults = faults
        self.link: Link | None = None
        # When the seat is given up at the latest; of no meaning while it is connected.
        self.due = 0.0
        self.epoch: str | None = None
        self.seq = self.pseq = 0
        self.texts: dict[tuple[str, str, int], str] = {}
        self.people: dict[str, dict[str, Any]] = {}
        self.count: dict[str, Any] | None = None
        # What the room knows since the host said so.
        self.noted: str | None = None
        self.answers: dict[str, dict[str, Any]] = {}
        # What was said and not acknowledged.
        self.unsent: list[dict[str, Any]] = []

    def take(self, event: dict[str, Any]) -> None:
        match event["type"]:
            case "room_connected":
                self._connected(event)
            case "participant-joined" | "participant-updated":
                self.people[event["participant"]["id"]] = event["participant"]
            case "participant-left":
                self.people.pop(event["participant"]["id"], None)
            case "raise-hand":
                self.people[event["id"]]["hand"] = event["on"]
            case "device-switch":
                self.people[event["id"]]["mic"] = event["on"]
            case "noted":
                self.noted = event["text"] or None
            case "view_count":
                self.count = event
            case "ack" | "error":
                self.answers[event["ref"]] = event
        if "seq" in event and event["type"] == "kept":
            self._number("seq", event)
        if "pseq" in event and event["type"] == "kept":
            self._number("pseq", event)

    def _connected(self, event: dict[str, Any]) -> None:
        if event["epoch"] != self.epoch:
            self.epoch, self.seq, self.pseq = event["epoch"], event["seq"], event["pseq"]
        self.people = {person["id"]: person for person in event["participants"]}
        self.count, self.noted = None, event.get("noted")

    def _number(self, name: str, event: dict[str, Any]) -> None:
        before = getattr(self, name)
        if event[name] != before + 1:
            self.faults.append(f"{self.name} got {name} {event[name]} after {before}: {event['text']}")
        setattr(self, name, event[name])
        self.texts[(self.epoch or "", name if name == "seq" else self.person, event[name])] = event["text"]


@dataclass
class Link:
    """A socket, as both of its ends see it."""

    device: Device
    process: int
    connection: Connection = field(init=False)
    # Nothing comes through any more, whatever the server believes.
    is_cut: bool = False
    closed: list[int] = field(default_factory=list)
    form: Form = Form.PLAIN

    def put(self, batch: Batch) -> None:
        if not self.is_cut and not self.closed:
            for text in batch.texts(Form.PLAIN):
                self.device.take(msgspec.json.decode(text))

    async def drained(self) -> None:
        await asyncio.sleep(0)

    def close(self, code: int) -> None:
        if self.closed:
            return
        self.closed.append(code)
        if self.device.link is self:
            self.device.link = None
        # As the server does, when the socket has closed.
        asyncio.get_running_loop().create_task(self.connection.leave(is_over=False))

    async def hear(self, **fields: Any) -> None:
        try:
            await self.connection.hear(fields, 100)
        except (RedisError, OSError):
            # As the consumer does with what nobody foresaw.
            self.close(1011)
