"""What Socket.IO clients may send, checked before python-socketio reads it; no I/O, no Django.

Sources: the Engine.IO protocol, revision 4, and the Socket.IO protocol, revision 5.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any, TypeGuard

from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket
from socketio import packet

# The stage of a whiteboard (1 MiB) in its envelope: the same as a frame of the plain wire.
MAX_PACKET = 2**20 + 2**16
# Clients that could not write for a while bring all at once.
MAX_PACKETS = 1000
MAX_ATTACHMENTS = 16
# 2**53 - 1 has so many digits, beyond which the numbers of JavaScript are not exact.
MAX_ID_DIGITS = 16
SEPARATOR = "\x1e"

# Close, pong, noop, message, which begins with the type of the Socket.IO packet in it.
_FRAME = re.compile(r"1|3|6|4[0-6].*", re.DOTALL)
# What a WebSocket has to say before a session moves to it.
PROBE, UPGRADE = "2probe", "5"
_HEAD = re.compile(r"[0-6](?:([0-9]{1,3})-)?(?:/[^,]*,?)?([0-9]*)")


class Malformed(Exception):
    """A packet that no client of the protocol sends; it ends the connection."""


@dataclass(frozen=True)
class Fault:
    """Why a request is not answered: the number that Node's server gives it, and what to do."""

    code: int
    message: str


TRANSPORT = Fault(0, "Transport unknown: use polling or websocket.")
SESSION = Fault(1, "Session ID unknown: connect again.")
METHOD = Fault(2, "Bad handshake method: begin with GET.")
REQUEST = Fault(3, "Bad request: this connection does not take that now.")
VERSION = Fault(
    5,
    "This server speaks Engine.IO 4 only, which Socket.IO has spoken since version 3: "
    "update the client, for example to socket.io-client 4.",
)


def fault_of(method: str, query: dict[str, list[str]], *, is_socket: bool) -> Fault | None:
    """Say what is wrong with a request for itself, whatever sessions there are."""
    transport, is_new = query.get("transport"), "sid" not in query
    if method not in ("GET", "POST"):
        return METHOD
    if is_new and query.get("EIO") != ["4"]:
        return VERSION
    if transport not in (["polling"], ["websocket"]):
        return TRANSPORT
    if is_new and method == "POST":
        return METHOD
    # JSONP has been gone from clients since version 3.
    return REQUEST if "j" in query or (transport == ["websocket"]) != is_socket else None


def is_frame(frame: str | bytes | None) -> TypeGuard[str | bytes]:
    """Say whether a WebSocket frame is a packet of Engine.IO that clients send."""
    if frame is None or len(frame) > MAX_PACKET:
        return False
    return isinstance(frame, bytes) or _FRAME.fullmatch(frame) is not None


def is_payload(body: bytes) -> bool:
    """Say whether the body of a POST is a list of such packets."""
    try:
        parts = body.decode().split(SEPARATOR)
    except UnicodeDecodeError:
        return False
    return len(parts) <= MAX_PACKETS and all(_is_binary(part) or is_frame(part) for part in parts)


def _is_binary(part: str) -> bool:
    try:
        return part.startswith("b") and base64.b64decode(part[1:], validate=True) is not None
    except binascii.Error:
        return False


class CheckedPacket(packet.Packet):
    """A Socket.IO packet of a client; reading another raises `Malformed`."""

    packet_type: int

    def decode(self, encoded_packet: Any) -> int:
        head = _HEAD.match(encoded_packet) if isinstance(encoded_packet, str) else None
        if head is None or len(head[2]) > MAX_ID_DIGITS:
            raise Malformed("This is no Socket.IO packet.")
        try:
            count = int(super().decode(encoded_packet))
        except (ValueError, RecursionError) as error:
            raise Malformed("This is no Socket.IO packet.") from error
        if not self._has_fitting_content() or count > MAX_ATTACHMENTS:
            raise Malformed("The content does not fit the type of the packet.")
        if count == 0 and self.packet_type == packet.BINARY_EVENT:
            # Complete: nothing that is to be waited for will come.
            self.packet_type = packet.EVENT
        return count

    def add_attachment(self, attachment: Any) -> bool:
        if not isinstance(attachment, bytes):
            raise Malformed("An attachment is missing.")
        try:
            return bool(super().add_attachment(attachment))
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise Malformed("The attachments are not those that were announced.") from error

    def _has_fitting_content(self) -> bool:
        if self.packet_type == packet.CONNECT:
            return self.data is None or isinstance(self.data, dict)
        if self.packet_type == packet.DISCONNECT:
            return self.data is None
        if self.packet_type in (packet.EVENT, packet.BINARY_EVENT):
            return isinstance(self.data, list) and len(self.data) > 0 and isinstance(self.data[0], str)
        # We ask for no acknowledgements; that of an unknown number is let go.
        return self.packet_type == packet.ACK and isinstance(self.data, list)


class Ready(EnginePacket):
    """A message of Engine.IO that is written already."""

    def __init__(self, text: bytes) -> None:
        super().__init__(MESSAGE)
        self.encode_cache = text.decode()
        self.size = len(text)
