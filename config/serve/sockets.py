"""How the web processes speak WebSocket: as uvicorn does, and they lend their transport to the application."""

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

# The ASGI extension under which the application finds the wire.
EXTENSION = "tertulia.wire"
# So long a client has for reading that its socket ends.
CLOSE_SECONDS = 2.0
# Bytes.
MAX_BUFFERED = 2**21


class Wire:
    """One open socket, for ready frames; right only without compression, which `serve` switches off."""

    __slots__ = ("_protocol",)

    def __init__(self, protocol: "LendingSockets") -> None:
        self._protocol = protocol

    def write(self, frames: bytes) -> int:
        """Write whole frames unless the socket is closing; say how many bytes wait for the client."""
        transport = self._protocol.transport
        if self._protocol.close_sent or transport.is_closing():
            return 0
        transport.write(frames)
        return transport.get_write_buffer_size()

    async def drained(self) -> None:
        await self._protocol.writable.wait()

    def close(self, code: int) -> None:
        """Say that it ends, after what was written, and wait for no client longer than a moment: who does not read
        would never hear it."""
        protocol = self._protocol
        if protocol.close_sent or protocol.transport.is_closing():
            return
        protocol.conn.send_close(code)
        protocol.transport.write(b"".join(protocol.conn.data_to_send()))
        protocol.close_sent = True
        protocol.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": ""})
        if protocol.read_paused:
            protocol.read_paused = False
            protocol.transport.resume_reading()
        # uvicorn lets go of it when the client has answered.
        protocol.close_timer = protocol.loop.call_later(CLOSE_SECONDS, protocol.transport.abort)

    def abort(self) -> None:
        """Hang up without another word."""
        self._protocol.transport.abort()


class LendingSockets(WebSocketsSansIOProtocol):
    """The transport is reached through the scope of each connection."""

    transport: asyncio.Transport
    scope: Any

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            # The application begins in the next turn of the loop.
            self.scope["extensions"][EXTENSION] = Wire(self)

    def handle_ping(self) -> None:
        super().handle_ping()
        if self.transport.get_write_buffer_size() > MAX_BUFFERED:
            # Whoever asks for so many answers and reads none wants only our memory.
            self.transport.abort()
