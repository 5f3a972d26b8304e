"""What goes over a socket, byte for byte: WebSocket frames of servers, and Socket.IO packets; no I/O."""

# FIN and opcodes 1 and 2: RFC 6455, 5.2
TEXT = b"\x81"
BINARY = b"\x82"


def text_frame(payload: bytes) -> bytes:
    """Put a whole text into one frame, unmasked as servers send it."""
    return _frame(TEXT, payload)


def binary_frame(payload: bytes) -> bytes:
    """Put bytes into one frame."""
    return _frame(BINARY, payload)


def _frame(head: bytes, payload: bytes) -> bytes:
    length = len(payload)
    if length < 126:
        return head + bytes((length,)) + payload
    if length < 1 << 16:
        return head + b"\x7e" + length.to_bytes(2, "big") + payload
    return head + b"\x7f" + length.to_bytes(8, "big") + payload


def event_packet(name: str, body: bytes) -> bytes:
    """Write an event of the default namespace with one argument, as it is sent over a WebSocket: Engine.IO message (4),
    Socket.IO event (2), and an array. `name` is one of ours: it needs no escapes."""
    return b'42["%s",%s]' % (name.encode(), body)
