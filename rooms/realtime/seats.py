"""Who sits in a room, as all processes know it; no I/O, no Django."""

from collections.abc import Iterable
from typing import Any

import msgspec


class Seat(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One device of a person in a room: taken with a room token, kept for a while when the link drops."""

    pid: str
    person: str
    name: str
    role: str
    # The connection that it hangs on, in which server process.
    holder: str
    process: str
    # Epoch milliseconds.
    since: int
    mic: bool = False
    camera: bool = False
    hand: bool = False
    sharing: str = ""
    device: str = ""
    consent: bool = True


_decode = msgspec.json.Decoder(Seat).decode


def written(seat: Seat) -> str:
    return msgspec.json.encode(seat).decode()


def read(text: str | bytes) -> Seat:
    return _decode(text)


def changed(seat: Seat, text: str) -> Seat:
    """Change the fields that are written, in JSON; how long it is held stays."""
    return msgspec.structs.replace(seat, **{**msgspec.json.decode(text), "since": seat.since})


def participant(seat: Seat) -> dict[str, Any]:
    """Give what others are told of a person."""
    return {
        "id": seat.person,
        "username": seat.name,
        "role": seat.role,
        "mic": seat.mic,
        "camera": seat.camera,
        "hand": seat.hand,
        "sharing": bool(seat.sharing),
        "consent": seat.consent,
    }


def people(seats: Iterable[Seat]) -> dict[str, Seat]:
    """Give one seat for each person, that which they took last, with whatever is open on any of theirs."""
    found: dict[str, Seat] = {}
    for seat in sorted(seats, key=lambda seat: seat.since):
        other = found.get(seat.person)
        found[seat.person] = seat if other is None else _both(seat, other)
    return found


def _both(seat: Seat, other: Seat) -> Seat:
    return msgspec.structs.replace(
        seat,
        mic=seat.mic or other.mic,
        camera=seat.camera or other.camera,
        hand=seat.hand or other.hand,
        sharing=seat.sharing or other.sharing,
    )
