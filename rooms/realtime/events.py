"""Events on their way: what travels between processes, and the forms in which members get it; no I/O, no Django."""

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from typing import Literal, Self

import msgspec

from rooms.realtime.frames import event_packet, text_frame
from rooms.realtime.protocol import numbered

Order = Literal["close", "look", "reload", "board", "tell"]


class Form(IntEnum):
    """How a client wants events: as plain frames, or of Socket.IO by their own name, or all as `data`."""

    PLAIN = 0
    NAMED = 1
    DATA = 2


class Route(msgspec.Struct, array_like=True, frozen=True):
    """Who gets an event, and what it changes in the tables of its room."""

    type: str
    # Of the event; whoever had it already drops it.
    id: str = ""
    # The connection that does not get it, since it sent it.
    skip: str = ""
    # Only these people get it, only these roles; empty: everybody.
    to: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    # Table, field, value in JSON; an empty value removes the field.
    writes: tuple[tuple[str, str, str], ...] = ()
    # What processes are to do: `close` a person or a seat (with the code and the id of a connection that stays), `look`
    # again who may be there, show the `board`, `reload` the tables, `tell` of a person who comes, leaves (with the
    # reason) or is another by it.
    orders: tuple[tuple[Order, str, str], ...] = ()

    @property
    def is_selective(self) -> bool:
        return bool(self.to or self.roles)


_to_wire = msgspec.msgpack.Encoder().encode
_from_wire = msgspec.msgpack.Decoder(Route).decode


class Event:
    """An event with its route; its forms are made when the first member wants them, once for all members."""

    __slots__ = ("_frames", "body", "pseq", "pseqs", "route", "seq")

    def __init__(self, route: Route, body: bytes, seq: int = 0, pseqs: dict[str, int] | None = None) -> None:
        self.route = route
        self.body = numbered(body, "seq", seq) if seq else body
        self.seq = seq
        # Of a private event that is kept: its number for each person, and, once it is one person's, that.
        self.pseqs = pseqs or {}
        self.pseq = 0
        self._frames: list[bytes | None] = [None, None, None]

    def frame(self, form: Form) -> bytes:
        made = self._frames[form]
        if made is None:
            made = self._frames[form] = b"".join(map(text_frame, self.texts(form)))
        return made

    def texts(self, form: Form) -> list[bytes]:
        """Give what is said of it in one form: two packets to Socket.IO clients where somebody came, of which old
        clients wait for the second."""
        if form is Form.PLAIN:
            return [self.body]
        said = [(self.route.type, self.body)]
        if self.route.type == "participant-joined":
            said.append(("room_connected", _joined(self.body)))
        return [event_packet(name if form is Form.NAMED else "data", body) for name, body in said]

    def is_for(self, *, connection: str, person: str, role: str) -> bool:
        route = self.route
        if route.skip == connection or (route.to and person not in route.to):
            return False
        return not route.roles or role in route.roles

    def to_person(self, person: str) -> Self:
        """Give it as one person gets it: numbered for them, where it is private and kept."""
        number = self.pseqs.get(person)
        return self.private(number) if number else self

    def private(self, number: int) -> Self:
        mine = type(self)(self.route, numbered(self.body, "pseq", number))
        mine.pseq = number
        return mine


class Batch:
    """Events that leave in one write, each form of it made once."""

    __slots__ = ("_frames", "events")

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = events
        self._frames: dict[Form, bytes] = {}

    def frames(self, form: Form) -> bytes:
        made = self._frames.get(form)
        if made is None:
            made = self._frames[form] = b"".join([event.frame(form) for event in self.events])
        return made

    def texts(self, form: Form) -> Iterable[bytes]:
        return [text for event in self.events for text in event.texts(form)]


def _joined(body: bytes) -> bytes:
    return msgspec.json.encode({"type": "room_connected", "joined": msgspec.json.decode(body)["participant"]})


def packed(route: Route, body: bytes) -> bytes:
    """Write what is sent to other processes: the length of the route (2 bytes, big-endian), the route, the event."""
    head = _to_wire(route)
    return len(head).to_bytes(2, "big") + head + body


def packed_together(messages: Iterable[bytes]) -> bytes:
    """Write several that are sent as one: each with its length before it (4 bytes, big-endian)."""
    return b"".join(len(message).to_bytes(4, "big") + message for message in messages)


def unpacked(message: bytes) -> tuple[str, list[Event]]:
    """Read what came from Redis: the epoch, the numbers and what `packed` wrote, parted by colons.

    The numbers are empty, or the event's own, or one for each person that gets it: `<person>=<n>,<person>=<n>`; `+`
    says that `packed_together` wrote several, which have none.
    """
    epoch, numbers, rest = message.split(b":", 2)
    if numbers == b"+":
        return epoch.decode(), [Event(*_parts(each)) for each in _apart(rest)]
    route, body = _parts(rest)
    if b"=" in numbers:
        pairs = (pair.split("=") for pair in numbers.decode().split(","))
        return epoch.decode(), [Event(route, body, pseqs={person: int(number) for person, number in pairs})]
    return epoch.decode(), [Event(route, body, int(numbers or 0))]


def _parts(message: bytes) -> tuple[Route, bytes]:
    end = 2 + int.from_bytes(message[:2], "big")
    return _from_wire(message[2:end]), message[end:]


def _apart(messages: bytes) -> Iterator[bytes]:
    begin = 0
    while begin < len(messages):
        end = begin + 4 + int.from_bytes(messages[begin : begin + 4], "big")
        yield messages[begin + 4 : end]
        begin = end
