"""Engine.IO as python-engineio speaks it, held to its protocol, over the transport of the server where that is lent."""

import asyncio
from typing import Any

import engineio
from engineio import packet, payload
from engineio.async_drivers import asgi

from rooms.realtime.frames import binary_frame, text_frame
from rooms.socketio.mailbox import LentWire, Mailbox
from rooms.socketio.packets import MAX_PACKETS, is_frame

# Under which a server lends its transport.
WIRE = "tertulia.wire"

# Process-wide, since python-engineio knows no other way. Its own 16 closes clients that bring more at once.
payload.Payload.max_decode_packets = MAX_PACKETS


class Channel(asgi.WebSocket):
    """One WebSocket of a client: the whole session, or what it upgrades to."""

    def __init__(self, handler: Any, server: Any) -> None:
        super().__init__(handler, server)
        self._session = handler.__self__
        self._wire: LentWire | None = None

    async def __call__(self, environ: Any) -> Any:
        self._wire = (environ["asgi.scope"].get("extensions") or {}).get(WIRE)
        try:
            return await super().__call__(environ)
        finally:
            # Else a probe that came to nothing would leave its client polling in vain.
            self._session.upgrading = False

    async def wait(self) -> Any:
        if self._wire is not None and self._session.upgraded:
            self._session.queue.attach(self._wire)
        frame = await super().wait()
        if not is_frame(frame, is_upgrading=not self._session.upgraded):
            # It ends the connection, as if the link had broken.
            raise OSError
        return frame

    async def send(self, message: Any) -> None:
        if self._wire is None:
            await super().send(message)
        else:
            self._wire.write(binary_frame(message) if isinstance(message, bytes) else text_frame(message.encode()))


class Engine(engineio.AsyncServer):
    _async: dict[str, Any]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._async = {**self._async, "websocket": Channel}

    def create_queue(self, *args: Any, **kwargs: Any) -> Mailbox:
        return Mailbox()

    async def hang_up(self, sid: str) -> None:
        """Close a session; what waits for it may still be fetched."""
        session = self.sockets.get(sid)
        if session is not None:
            await session.close(wait=False)

    def release(self, sid: str) -> None:
        """End what writes to a session that is closing, once its last packets are queued."""
        session = self.sockets.get(sid)
        if session is not None:
            asyncio.get_running_loop().call_soon(_end, session.queue)

    def _ok(self, packets: Any = None, headers: Any = None, jsonp_index: Any = None) -> Any:
        answer = super()._ok(packets, headers, jsonp_index)
        # The protocol says so in small letters.
        return {**answer, "response": b"ok"} if packets is None else answer


def _end(mailbox: Mailbox) -> None:
    if mailbox.empty():
        # A poll that waits gets an answer.
        mailbox.put_nowait(packet.Packet(packet.NOOP))
    mailbox.put_nowait(None)
