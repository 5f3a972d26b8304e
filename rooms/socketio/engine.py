"""Engine.IO as python-engineio speaks it, held to its protocol, over the transport of the server where that is lent."""

import asyncio
import time
from contextlib import suppress
from typing import Any

import engineio
from engineio import async_socket, payload
from engineio.exceptions import QueueEmpty, UnknownPacketError
from engineio.packet import MESSAGE, NOOP, PING, PONG, Packet

from config.lib.asgi import Receive, Scope, Send, forget_headers, headers_of
from rooms.realtime import tasks
from rooms.socketio.mailbox import Direct, LentWire, Mailbox
from rooms.socketio.packets import MAX_PACKETS, PROBE, UPGRADE, is_frame

# Under which a server lends its transport.
WIRE = "tertulia.wire"
# So long a server that lends none may take to hang up on a client that is cut.
CLOSE_SECONDS = 2.0


class Session(async_socket.AsyncSocket):
    """One client: it polls, or it speaks over a WebSocket, from the beginning or from an upgrade on."""

    # A Mailbox, and a Direct once the server has lent its transport.
    queue: Any
    last_ping: float | None

    def schedule_ping(self) -> None:
        """Do so without a task that waits for it."""
        if self.last_ping:
            self.last_ping = None
            asyncio.get_running_loop().call_later(self.server.ping_interval, self._ping)

    def _ping(self) -> None:
        if not self.closing and not self.closed:
            self.last_ping = time.time()
            self.queue.put_nowait(Packet(PING))

    async def _upgrade_websocket(self, environ: dict[str, Any]) -> str:
        """Speak over a WebSocket until it ends; who polled until now has to show first that it is heard there."""
        scope, receive, send = (environ[f"asgi.{name}"] for name in ("scope", "receive", "send"))
        wire = (scope.get("extensions") or {}).get(WIRE)
        await send({"type": "websocket.accept"})
        forget_headers(scope)
        environ.clear()
        if wire is not None:
            # Of a client that is cut in the midst of an upgrade.
            self.queue.cut = wire.abort
        try:
            if not self.connected or await self._is_upgrade(receive, send):
                await self._speak(receive, send, wire)
        finally:
            # Else its client would poll in vain.
            self.upgrading = False
        return ""

    async def _is_upgrade(self, receive: Receive, send: Send) -> bool:
        self.upgrading = True
        if await _read(receive) != PROBE:
            return False
        await send({"type": "websocket.send", "text": Packet(PONG, "probe").encode()})
        # The poll that waits is to end.
        await self.queue.put(Packet(NOOP))
        return await _read(receive) == UPGRADE

    async def _speak(self, receive: Receive, send: Send, wire: LentWire | None) -> None:
        self.connected = self.upgraded = True
        try:
            if wire is None:
                await self._listen_and_write(receive, send)
            else:
                self._attach(wire)
                await self._listen(receive)
        finally:
            await self.close(wait=False, abort=True, reason=self.server.reason.TRANSPORT_CLOSE)

    def _attach(self, wire: LentWire) -> None:
        """Write what waits, and from now on everything, to a wire."""
        waiting, self.queue = self.queue.clear(), Direct(wire)
        for item in waiting:
            if item is None:
                self.queue.finish()
            else:
                self.queue.put_nowait(item)

    async def receive(self, packet: Packet) -> None:
        if packet.packet_type == MESSAGE:
            await self.server.hear(self.sid, packet.data)
        else:
            await super().receive(packet)

    async def _listen(self, receive: Receive) -> None:
        # A frame that no client sends ends the connection, as if the link had broken.
        while is_frame(frame := await _read(receive)):
            if isinstance(frame, bytes):
                await self.server.hear(self.sid, frame)
            elif frame[0] == "4":
                await self.server.hear(self.sid, frame[1:])
            else:
                with suppress(UnknownPacketError):
                    await super().receive(Packet(encoded_packet=frame))

    async def _listen_and_write(self, receive: Receive, send: Send) -> None:
        listening, writing = asyncio.create_task(self._listen(receive)), asyncio.create_task(self._write(send))
        self.queue.cut = listening.cancel
        try:
            await asyncio.wait((listening,))
        finally:
            await tasks.end((listening, writing))
        with suppress(Exception):
            async with asyncio.timeout(CLOSE_SECONDS):
                await send({"type": "websocket.close"})

    async def _write(self, send: Send) -> None:
        # As which python-engineio gives out that this was cancelled.
        with suppress(QueueEmpty):
            while packets := await self.poll():
                for each in packets:
                    await send({"type": "websocket.send", "text": each.encode()})
            await send({"type": "websocket.close"})


class Whole:
    """A body that was read already."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def read(self, length: int) -> bytes:
        return self._content


# Process-wide, since python-engineio knows no other way. Its own 16 closes clients that bring more at once.
payload.Payload.max_decode_packets = MAX_PACKETS
async_socket.AsyncSocket = Session


class Engine(engineio.AsyncServer):
    _async: dict[str, Any]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._async = {**self._async, "translate_request": _environ}

    def create_queue(self, *args: Any, **kwargs: Any) -> Mailbox:
        return Mailbox()

    async def hear(self, sid: str, content: str | bytes) -> None:
        """Hand over what a client said, past what python-engineio makes for each message."""
        await self.handlers["message"](sid, content)

    async def hang_up(self, sid: str) -> None:
        """Close a session; what waits for it may still be fetched."""
        session = self.sockets.get(sid)
        if session is not None:
            await session.close(wait=False)

    def release(self, sid: str) -> None:
        """End what writes to a session that is closing, once its last packets are queued."""
        session = self.sockets.get(sid)
        if session is not None:
            asyncio.get_running_loop().call_soon(session.queue.finish)

    def _ok(self, packets: Any = None, headers: Any = None, jsonp_index: Any = None) -> Any:
        answer = super()._ok(packets, headers, jsonp_index)
        # The protocol says so in small letters.
        return {**answer, "response": b"ok"} if packets is None else answer


async def _environ(scope: Scope, receive: Receive, send: Send) -> dict[str, Any]:
    """Write a request, whose body comes at once, as python-engineio wants it. Its own way makes a class for each."""
    body = (await receive()).get("body", b"")
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers_of(scope).items()}
    return {
        **headers,
        "REQUEST_METHOD": scope.get("method", "GET"),
        "PATH_INFO": scope["path"],
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": Whole(body),
        "asgi.receive": receive,
        "asgi.send": send,
        "asgi.scope": scope,
    }


async def _read(receive: Receive) -> str | bytes | None:
    """Give the next frame; None where there is none any more."""
    message = await receive()
    text: str | None = message.get("text")
    return message.get("bytes") if text is None else text
