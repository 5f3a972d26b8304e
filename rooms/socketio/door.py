"""What stands before Socket.IO: requests that are none of its protocol are refused here, with the reason."""

from typing import Any
from urllib.parse import parse_qs

from engineio.payload import Payload

from config.lib.asgi import Body, ClientGone, Message, Receive, Scope, Send, send_json
from rooms.socketio import packets
from rooms.socketio.packets import MAX_PACKET, Fault
from rooms.socketio.server import Server

PLAIN = (b"content-type", b"text/plain; charset=UTF-8")
ADDED = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]


class Door:
    """One for all paths, as the server behind it."""

    def __init__(self, server: Server) -> None:
        self._engine = server.eio
        # Sessions with a request under way, each with its method.
        self._asking: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        is_socket = scope["type"] == "websocket"
        fault = packets.fault_of(scope.get("method", "GET"), query, is_socket=is_socket)
        session = self._engine.sockets.get(query["sid"][0]) if "sid" in query else None
        if fault is not None:
            await _refuse(scope, send, fault)
        elif "sid" not in query:
            await self._engine.handle_request(scope, receive, _marked(send))
        elif session is None:
            await _refuse(scope, send, packets.SESSION)
        elif is_socket:
            await self._upgrade(session, scope, receive, send)
        else:
            await self._ask(session, scope, receive, send)

    async def _upgrade(self, session: Any, scope: Scope, receive: Receive, send: Send) -> None:
        if session.closed or session.upgrading or session.upgraded:
            await _refuse(scope, send, packets.REQUEST)
        else:
            await self._engine.handle_request(scope, receive, send)

    async def _ask(self, session: Any, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request of a session that polls; it has one of each method at a time, or it is broken."""
        asking = (session.sid, scope["method"])
        if session.upgraded or asking in self._asking:
            await self._end(session, scope, send)
            return
        self._asking.add(asking)
        try:
            if scope["method"] == "POST":
                await self._take(session, scope, receive, send)
            elif session.closed:
                await self._give_rest(session, scope, send)
            else:
                await self._engine.handle_request(scope, receive, _marked(send))
        finally:
            self._asking.discard(asking)

    async def _take(self, session: Any, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        if body is None or not packets.is_payload(body):
            await self._end(session, scope, send)
            return

        async def replay() -> Message:
            return {"type": "http.request", "body": body}

        await self._engine.handle_request(scope, replay, _marked(send))

    async def _give_rest(self, session: Any, scope: Scope, send: Send) -> None:
        """Give what waited when a session was closed: why, for example."""
        rest = [item for item in session.queue.clear() if item is not None]
        if not rest:
            await _refuse(scope, send, packets.SESSION)
            return
        await send({"type": "http.response.start", "status": 200, "headers": [PLAIN, *ADDED]})
        await send({"type": "http.response.body", "body": Payload(packets=rest).encode().encode()})

    async def _end(self, session: Any, scope: Scope, send: Send) -> None:
        if not session.upgraded:
            await self._engine.hang_up(session.sid)
        await _refuse(scope, send, packets.REQUEST)


async def _refuse(scope: Scope, send: Send, fault: Fault) -> None:
    """Say why, also to a WebSocket that is not open yet, where the server can."""
    told = {"code": fault.code, "message": fault.message}
    if scope["type"] == "http":
        await send_json(send, 400, told, {"cache-control": "no-store"})
        return

    async def deny(message: Message) -> None:
        await send({**message, "type": f"websocket.{message['type']}"})

    if "websocket.http.response" in (scope.get("extensions") or {}):
        await send_json(deny, 400, told)
    else:
        await send({"type": "websocket.close"})


def _marked(send: Send) -> Send:
    """Have no answer kept or guessed at by anybody between."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *ADDED]}
        await send(message)

    return sending


async def _read(receive: Receive) -> bytes | None:
    """Read a body; None where it is too large, or breaks off."""
    body = bytearray()
    try:
        async for part in Body(receive).parts():
            body += part
            if len(body) > MAX_PACKET:
                return None
    except ClientGone:
        return None
    return bytes(body)
