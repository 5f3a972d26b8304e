"""What goes over a socket, byte for byte: WebSocket frames of servers, and Socket.IO packets; no I/O."""

TEXT = b"\x81"  # FIN and opcode 1: RFC 6455, 5.2


def text_frame(payload: bytes) -> bytes:
    """Put a whole text into one frame, unmasked as servers send it."""
    length = len(payload)
    if length < 126:
        return TEXT + bytes((length,)) + payload
    if length < 1 << 16:
        return TEXT + b"\x7e" + length.to_bytes(2, "big") + payload
    return TEXT + b"\x7f" + length.to_bytes(8, "big") + payload


def event_packet(name: str, body: bytes) -> bytes:
    """Write an event of the default namespace with one argument, as it is sent over a WebSocket: Engine.IO message (4),
    Socket.IO event (2), and an array. `name` is one of ours: it needs no escapes."""
    return b'42["%s",%s]' % (name.encode(), body)
