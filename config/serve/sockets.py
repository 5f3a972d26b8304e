"""How the web processes speak WebSocket: as uvicorn does, and they lend their transport to the application."""

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import Protocol

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


class Inbox:
    """What a client sent, for the one task that takes it. asyncio's own queue weighs 3 KiB, for each connection."""

    __slots__ = ("_loop", "_messages", "_news")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._messages: list[Any] = []
        self._news: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        return not self._messages

    def put_nowait(self, message: Any) -> None:
        self._messages.append(message)
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    async def get(self) -> Any:
        while not self._messages:
            self._news = self._loop.create_future()
            await self._news
        return self._messages.pop(0)


class Gate:
    """An event of asyncio's, which makes what it needs for those who wait when somebody does."""

    __slots__ = ("_loop", "_opening")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._opening: asyncio.Future[None] | None = None

    def set(self) -> None:
        if self._opening is not None:
            self._opening.set_result(None)
            self._opening = None

    def clear(self) -> None:
        self._opening = self._opening or self._loop.create_future()

    async def wait(self) -> None:
        if self._opening is not None:
            await asyncio.shield(self._opening)


class LendingSockets(WebSocketsSansIOProtocol):
    """The transport is reached through the scope of each connection, and open connections keep little."""

    transport: asyncio.Transport
    scope: Any
    request: Any
    response: Any
    queue: Any
    writable: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue, self.writable = Inbox(self.loop), Gate(self.loop)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            # The application begins in the next turn of the loop.
            self.scope["extensions"][EXTENSION] = Wire(self)

    def start_keepalive(self) -> None:
        """The socket is open: let go of what the handshake was about, which stays in the scope as far as needed."""
        super().start_keepalive()
        self.request = self.response = None
        if not self.conn.reader.buffer:
            self.conn.parser = Protocol.parse(self.conn)
            next(self.conn.parser)

    def handle_ping(self) -> None:
        super().handle_ping()
        if self.transport.get_write_buffer_size() > MAX_BUFFERED:
            # Whoever asks for so many answers and reads none wants only our memory.
            self.transport.abort()
