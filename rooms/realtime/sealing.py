"""What is stored of kept events: sealed with the data key of their room, so that Redis holds no text."""

import msgspec

from config.lib import keys
from config.lib.crypto import Undecryptable
from config.lib.ids import ID_LENGTH
from config.lib.keystore import KeyMissing
from rooms.realtime.events import Event, Route

FIELD = "room_event"


class _Stored(msgspec.Struct, array_like=True):
    type: str
    body: msgspec.Raw


def sealed(room_id: str, event: Event) -> bytes:
    """Write the id of the event, and what it says, encrypted.

    Raises:
        KeyMissing: the room was deleted.
    """
    text = msgspec.json.encode(_Stored(event.route.type, msgspec.Raw(event.body)))
    return event.route.id.encode() + keys.cipher(room_id).encrypt(text, row_id=event.route.id, field=FIELD)


def opened(room_id: str, stored: bytes) -> Event | None:
    """Read what `sealed` wrote; None where that is not possible any more."""
    event_id = stored[:ID_LENGTH].decode()
    try:
        text = keys.cipher(room_id).decrypt(stored[ID_LENGTH:], row_id=event_id, field=FIELD)
    except (KeyMissing, Undecryptable):
        return None
    said = msgspec.json.decode(text, type=_Stored)
    return Event(Route(said.type, event_id), bytes(said.body))
