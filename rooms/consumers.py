"""The WebSocket of a room: `/ws/room/{roomId}`."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, cast

from channels.generic.websocket import AsyncWebsocketConsumer

from config.lib.asgi import Message, Scope, headers_of
from rooms import tokens
from rooms.conversation.connection import Connection, House
from rooms.exceptions import BadRoomToken
from rooms.realtime import protocol
from rooms.realtime.hub import Hub
from rooms.realtime.outlets import DirectOutlet, Outlet, QueuedOutlet
from rooms.realtime.protocol import BEARER, SUBPROTOCOL, Close, Refusal
from rooms.realtime.standing import Visit
from rooms.tokens import RoomClaims

log = logging.getLogger("tertulia.realtime")

# Under which a server lends its transport.
WIRE = "tertulia.wire"


class RoomConsumer(AsyncWebsocketConsumer):
    """Reads the token and the frames; all else is `Connection`'s."""

    def __init__(self, *, room_id: str, house: House, hub: Callable[[], Hub]) -> None:
        super().__init__()
        self.room_id = room_id
        self.house = house
        self.hub = hub
        self.connection: Connection | None = None

    async def dispatch(self, message: Message) -> None:
        """Call the method for a message. Channels would go through a thread for each, to close old connections to
        the database: here there are none."""
        await getattr(self, message["type"].replace(".", "_"))(message)

    async def connect(self) -> None:
        try:
            claims = self._claims()
        except BadRoomToken:
            await self._refuse(Close.BAD_TOKEN)
            return
        await self.accept(self._subprotocol())
        self.connection = Connection(
            hub=self.hub(),
            house=self.house,
            claims=claims,
            outlet=self._outlet(),
            close=self._hang_up,
            visit=self._visit(),
        )

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.connection is None:
            return
        raw = text_data if text_data is not None else bytes_data or b""
        if len(raw) > protocol.MAX_STAGE + protocol.MAX_FRAME:
            await self.close(Close.TOO_LARGE)
            return
        try:
            fields = protocol.read(raw)
        except Refusal as refusal:
            self.connection.tell("error", protocol.error(None, refusal))
            return
        try:
            await self.connection.hear(fields, len(raw))
        except Exception as error:
            # A fault of ours. Let through, it would end this before it hears that the link is gone.
            log.error("an event failed", exc_info=error)
            self._hang_up(Close.FAULT)

    async def disconnect(self, code: int) -> None:
        if self.connection is not None:
            await self.connection.leave(is_over=code == Close.NORMAL)

    def _claims(self) -> RoomClaims:
        """Raises: BadRoomToken, also where a page of another origin holds it."""
        bearers = [name.removeprefix(BEARER) for name in self.scope["subprotocols"] if name.startswith(BEARER)]
        claims = tokens.read_room(
            bearers[0] if bearers else tokens.in_query(self.scope["query_string"].decode("latin-1"))
        )
        tokens.check_origin(claims, headers_of(cast(Scope, self.scope)).get("origin"))
        if claims.room_id != self.room_id:
            raise BadRoomToken("The token is for another room.")
        return claims

    def _subprotocol(self) -> str | None:
        return SUBPROTOCOL if SUBPROTOCOL in self.scope["subprotocols"] else None

    def _visit(self) -> Visit:
        headers = headers_of(cast(Scope, self.scope))
        address, _ = self.scope.get("client") or ("", 0)
        return Visit.of(origin=headers.get("origin"), host=headers.get("host", ""), address=address)

    def _outlet(self) -> Outlet:
        return DirectOutlet(self._wire) if self._wire else QueuedOutlet(lambda text: self.send(text_data=text))

    def _hang_up(self, code: int) -> None:
        if self._wire:
            self._wire.close(code)
        else:
            self._closing = asyncio.create_task(self.close(code))

    @property
    def _wire(self) -> Any:
        return (self.scope.get("extensions") or {}).get(WIRE)

    async def _refuse(self, code: int) -> None:
        # Accepted first: of a refused handshake browsers tell their pages nothing.
        await self.accept(self._subprotocol())
        await self.close(code)
