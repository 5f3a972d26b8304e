"""The WebSocket of a room: `/ws/room/{roomId}`."""

import asyncio
import logging
from collections.abc import Callable

from config.lib.asgi import Message, Receive, Scope, Send, forget_headers, headers_of
from rooms import tokens
from rooms.conversation.connection import Connection, House
from rooms.exceptions import BadRoomToken
from rooms.realtime import protocol
from rooms.realtime.hub import Hub
from rooms.realtime.outlets import DirectOutlet, QueuedOutlet
from rooms.realtime.protocol import BEARER, SUBPROTOCOL, Close, Refusal
from rooms.realtime.standing import Visit
from rooms.tokens import RoomClaims

log = logging.getLogger("tertulia.realtime")

# Under which a server lends its transport.
WIRE = "tertulia.wire"


class RoomConsumer:
    """Reads the token and the frames; all else is `Connection`'s.

    It is plain ASGI: Channels would keep another task for each socket, and make one for each event.
    """

    def __init__(self, *, room_id: str, house: House, hub: Callable[[], Hub]) -> None:
        self.room_id = room_id
        self.house = house
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        # Before the token is read: of a refused handshake browsers tell their pages nothing.
        subprotocol = SUBPROTOCOL if SUBPROTOCOL in scope["subprotocols"] else None
        await send({"type": "websocket.accept", "subprotocol": subprotocol})
        try:
            claims, visit = _claims_of(scope, self.room_id), _visit_of(scope)
        except BadRoomToken:
            await send({"type": "websocket.close", "code": Close.BAD_TOKEN})
            return
        wire = (scope.get("extensions") or {}).get(WIRE)
        forget_headers(scope)
        if wire is not None:
            await self._converse(receive, claims, visit, DirectOutlet(wire), wire.close)
        else:
            await self._converse_by_messages(receive, send, claims, visit)

    async def _converse_by_messages(self, receive: Receive, send: Send, claims: RoomClaims, visit: Visit) -> None:
        """Converse where the server lends nothing."""
        closing: list[asyncio.Future[None]] = []

        def hang_up(code: int) -> None:
            closing.append(asyncio.ensure_future(send({"type": "websocket.close", "code": code})))

        outlet = QueuedOutlet(lambda text: send({"type": "websocket.send", "text": text}))
        try:
            await self._converse(receive, claims, visit, outlet, hang_up)
        finally:
            await outlet.close()

    async def _converse(
        self,
        receive: Receive,
        claims: RoomClaims,
        visit: Visit,
        outlet: DirectOutlet | QueuedOutlet,
        hang_up: Callable[[int], None],
    ) -> None:
        """Hear a client until its link is gone."""
        connection = Connection(
            hub=self.hub(), house=self.house, claims=claims, outlet=outlet, close=hang_up, visit=visit
        )
        message: Message = {}
        try:
            while (message := await receive())["type"] == "websocket.receive":
                await _hear(connection, message, hang_up)
        finally:
            await connection.leave(is_over=message.get("code") == Close.NORMAL)


async def _hear(connection: Connection, message: Message, hang_up: Callable[[int], None]) -> None:
    text: str | None = message.get("text")
    raw: str | bytes = message["bytes"] if text is None else text
    if len(raw) > protocol.MAX_STAGE + protocol.MAX_FRAME:
        hang_up(Close.TOO_LARGE)
        return
    try:
        await connection.hear(protocol.read(raw), len(raw))
    except Refusal as refusal:
        connection.tell("error", protocol.error(None, refusal))
    except Exception as error:
        # A fault of ours. Let through, it would end this before it hears that the link is gone.
        log.error("an event failed", exc_info=error)
        hang_up(Close.FAULT)


def _claims_of(scope: Scope, room_id: str) -> RoomClaims:
    """Raises: BadRoomToken, also where a page of another origin holds it."""
    bearers = [name.removeprefix(BEARER) for name in scope["subprotocols"] if name.startswith(BEARER)]
    claims = tokens.read_room(bearers[0] if bearers else tokens.in_query(scope["query_string"].decode("latin-1")))
    tokens.check_origin(claims, headers_of(scope).get("origin"))
    if claims.room_id != room_id:
        raise BadRoomToken("The token is for another room.")
    return claims


def _visit_of(scope: Scope) -> Visit:
    headers = headers_of(scope)
    address, _ = scope.get("client") or ("", 0)
    return Visit.of(origin=headers.get("origin"), host=headers.get("host", ""), address=address)
