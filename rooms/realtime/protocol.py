"""What is said in rooms: the envelope, and what a type of event is. No I/O, no Django.

Source: docs/protocol/events.md, which is written from the table of all types.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec

MAX_FRAME = 64 * 1024
# The whole picture of a whiteboard.
MAX_STAGE = 1024 * 1024
MAX_REF = 64
SUBPROTOCOL = "meet.v1"
BEARER = "bearer."

Role = Literal["host", "cohost", "presenter", "participant", "viewer"]
HOSTS: frozenset[str] = frozenset({"host", "cohost"})
PUBLISHERS = HOSTS | {"presenter", "participant"}
VIEWERS: frozenset[str] = frozenset({"viewer"})
EVERYBODY = PUBLISHERS | VIEWERS
SERVER: frozenset[str] = frozenset()

# How many a second a connection may send of a class; twice as many at once.
RATES: dict[str, int] = {"drawing": 120, "signal": 200, "chat": 5, "other": 20}
RateClass = Literal["drawing", "signal", "chat", "other"]

# What the server fills in; whatever a client wrote there is replaced.
FILLED = frozenset({"type", "ref", "id", "username", "time", "timeMs", "seq", "pseq"})

ErrorCode = Literal["unknown_type", "bad_payload", "not_allowed", "rate_limited", "too_large", "not_in_room"]


class Close:
    """Codes with which a socket ends (RFC 6455, 7.4.2: those from 4000 are an application's own)."""

    NORMAL = 1000
    TOO_LARGE = 1009
    FAULT = 1011
    GOING_DOWN = 1012
    BAD_TOKEN = 4401
    REMOVED = 4403
    NO_SUCH_ROOM = 4404
    FULL = 4409
    RESUMED_ELSEWHERE = 4410
    TOO_SLOW = 4429


class Refusal(Exception):
    """An event that is not taken; the connection stays."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Payload(msgspec.Struct, kw_only=True):
    """What stands beside `type`; fields of clients that are not named are dropped, but for open types. What may be left
    out is UNSET, and left out of what is passed on."""


class Nothing(Payload):
    """An event that says all by its type."""


class Head(msgspec.Struct):
    """What every event of a client may have."""

    type: str = ""
    ref: Annotated[str, msgspec.Meta(max_length=MAX_REF)] | None = None
    to: str | None = None


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One type of event: who may send it, to whom it goes, and what is done with it."""

    name: str
    payload: type[Payload]
    senders: frozenset[str]
    # In words, for the documentation: `room`, `hosts`, `one`, `server`, …
    to: str
    summary: str
    # Numbered, stored for 24 hours, and replayed to whoever missed it.
    is_kept: bool = False
    # May wait some milliseconds, for others to leave in the same write.
    gathers: bool = False
    # Fields that are not named are passed on.
    is_open: bool = False
    rate: RateClass = "other"
    feature: str = ""
    max_bytes: int = MAX_FRAME
    # Called with what arrived; None where the server alone sends it.
    handler: "Callable[[Any, Any], Awaitable[None]] | None" = None


def read(raw: bytes | str) -> dict[str, Any]:
    """Read one plain frame.

    Raises:
        Refusal: it is no JSON object.
    """
    try:
        fields = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        fields = None
    if not isinstance(fields, dict):
        raise Refusal("bad_payload", "Send one JSON object with a `type`.")
    return fields


def head_of(fields: Mapping[str, Any]) -> Head:
    """Read what every event may have.

    Raises:
        Refusal.
    """
    try:
        return msgspec.convert(fields, Head)
    except msgspec.ValidationError as error:
        raise Refusal("bad_payload", str(error)) from error


def payload_of(kind: Kind, fields: Mapping[str, Any]) -> Any:
    """Check what stands beside `type`.

    Raises:
        Refusal.
    """
    try:
        return msgspec.convert(fields, kind.payload)
    except msgspec.ValidationError as error:
        raise Refusal("bad_payload", str(error)) from error


def opened(payload: Payload, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Give what an open event passes on: its checked fields, and those that nobody named."""
    return {**{key: value for key, value in fields.items() if key not in FILLED}, **msgspec.to_builtins(payload)}


def encode(said: object) -> bytes:
    """Write JSON.

    Raises:
        Refusal: a text in it is no Unicode.
    """
    try:
        return msgspec.json.encode(said)
    except (UnicodeError, RecursionError) as error:
        raise Refusal("bad_payload", "Send whole characters, not nested too deeply.") from error


def envelope(kind: str, who: Mapping[str, Any], time_ms: int, payload: object) -> bytes:
    """Write an event as it goes out, without its number."""
    head = encode({"type": kind, **who, "time": time_ms // 1000, "timeMs": time_ms})
    return joined(head, encode(payload))


def joined(one: bytes, other: bytes) -> bytes:
    """Make one JSON object of two."""
    return one if len(other) == 2 else one[:-1] + b"," + other[1:] if len(one) > 2 else other


def numbered(body: bytes, name: str, number: int) -> bytes:
    """Add a number to an event that is written already."""
    return b'%s,"%s":%d}' % (body[:-1], name.encode(), number)


def ack(ref: str | None, seq: int | None = None) -> bytes:
    return encode({"type": "ack", "ref": ref, **({"seq": seq} if seq else {})})


def error(ref: str | None, refusal: Refusal) -> bytes:
    return encode({"type": "error", "ref": ref, "code": refusal.code, "message": refusal.message})
