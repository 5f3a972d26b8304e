"""What somebody who comes into a room is told of it at once."""

from typing import Any

import msgspec

from rooms.conversation.kinds.microphones import ASKED
from rooms.conversation.kinds.showing import sharing_in, stream_of
from rooms.realtime import seats
from rooms.realtime.protocol import HOSTS
from rooms.realtime.room import LiveRoom
from rooms.realtime.seats import Seat
from rooms.realtime.standing import Arrival

# What is told where nothing was said of it yet.
UNSAID: dict[str, Any] = {
    "meetingId": None,
    "whiteboard": {"on": False, "owner": None},
    "recording": {"on": False},
    "transcript": {"on": False, "language": None},
    "media": {"mode": "mesh"},
}


def snapshot(room: LiveRoom, arrival: Arrival, seat: Seat, *, seq: int, pseq: int) -> dict[str, Any]:
    """Give `room_connected` for who sits on `seat`, as of the numbers."""
    people = {**room.people(), arrival.person: seat}
    return {
        "type": "room_connected",
        "roomId": room.id,
        "self": {"id": arrival.person, "username": arrival.name, "role": arrival.role},
        "participants": [seats.participant(one) for one in people.values()],
        "consent": seat.consent,
        **UNSAID,
        **arrival.facts,
        # Names with a colon are of what the server alone needs to know.
        **{name: msgspec.json.decode(value) for name, value in room.state.items() if ":" not in name},
        **_sharing(room),
        **({"micRequests": _asking(room)} if arrival.role in HOSTS else {}),
        "epoch": room.epoch,
        "seq": seq,
        "pseq": pseq,
    }


def _sharing(room: LiveRoom) -> dict[str, Any]:
    """Give who shares a screen, where somebody does."""
    seat = sharing_in(room)
    return {"sharing": {"id": seat.person, "streamId": stream_of(seat)}} if seat else {}


def _asking(room: LiveRoom) -> list[Any]:
    """Give those of who is here who ask for the microphone, the first first."""
    people = room.people()
    said = {name.removeprefix(ASKED): value for name, value in room.state.items() if name.startswith(ASKED)}
    asking = [msgspec.json.decode(value) for person, value in said.items() if person in people]
    return sorted(asking, key=lambda one: one["timeMs"])
