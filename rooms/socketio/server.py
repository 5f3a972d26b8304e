"""Socket.IO as python-socketio speaks it, with one conversation for each client behind it."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

import msgspec
import socketio
from socketio import packet

from rooms import tokens
from rooms.exceptions import BadRoomToken
from rooms.realtime import protocol
from rooms.realtime.events import Batch, Event, Form, Route
from rooms.realtime.outlets import Outlet, TooSlow
from rooms.realtime.protocol import Close, Refusal
from rooms.realtime.standing import Visit
from rooms.socketio.engine import Engine, Session
from rooms.socketio.mailbox import Direct
from rooms.socketio.packets import MAX_PACKET, CheckedPacket, Malformed, Ready
from rooms.tokens import RoomClaims

# What the libraries would log below this are packets, with the tokens in them.
log = logging.getLogger("tertulia.socketio")
log.setLevel(logging.ERROR)

# Who has not said who they are by then is closed.
CONNECT_SECONDS = 45.0
# A client that polls gets its last words first: those that come along with the end, socket.io-client lets go.
PARTING_SECONDS = 0.5
# After these a client does not come back by itself; after others it does.
FINAL = frozenset(
    {
        *(Close.NORMAL, Close.BAD_TOKEN, Close.REMOVED, Close.NO_SUCH_ROOM),
        *(Close.FULL, Close.RESUMED_ELSEWHERE, Close.TOO_LARGE),
    }
)
# Under which old clients send every event, with its type inside.
DATA = "data"


class Speaker(Protocol):
    """What is behind a path: `rooms.conversation.connection.Connection` and its like."""

    async def hear(self, fields: Mapping[str, Any], size: int, answer: Callable[[bytes], None] | None = None) -> None:
        """Take what the client said, and tell it, or `answer`, what came of it."""

    def tell(self, name: str, body: bytes) -> None:
        """Tell this client alone."""

    async def leave(self, *, is_over: bool) -> None:
        """The link is gone; `is_over` says that the client wanted so."""


# Makes what is behind a path for one client: of its token, where it comes from, its way out, and what hangs up with a
# code.
Opening = Callable[[RoomClaims, Visit, Outlet, Callable[[int], None]], Speaker]


class Client:
    """One client in its conversation, and the way out to it, in the form that it used last."""

    __slots__ = ("_hang_up", "_session", "form", "is_over", "speaker")

    def __init__(
        self, session: Session, opening: Opening, claims: RoomClaims, visit: Visit, hang_up: Callable[[], None]
    ) -> None:
        self._session = session
        self._hang_up = hang_up
        self.form = Form.NAMED
        # Nothing goes out any more.
        self.is_over = False
        self.speaker = opening(claims, visit, self, self.close)

    def put(self, batch: Batch) -> None:
        """Raises: TooSlow."""
        if not self.is_over:
            self._session.queue.put_batch(batch, self.form)

    async def drained(self) -> None:
        await self._session.queue.drained()

    async def hear(self, name: str, arguments: list[Any], number: int | None) -> None:
        """Take an event; `number` is that of the acknowledgement that the client waits for."""
        if self.is_over:
            return
        answer = None if number is None else partial(self._acknowledge, number)
        self.form = Form.DATA if name == DATA else Form.NAMED
        try:
            fields = _fields_of(name, arguments)
            size = len(protocol.encode(fields))
        except Refusal as refusal:
            (answer or partial(self.speaker.tell, "error"))(protocol.error(None, refusal))
            return
        await self.speaker.hear(fields, size, answer)

    def close(self, code: int) -> None:
        """Say with which code it ends, then hang up; a client that reads too slowly hears no more than that."""
        if self.is_over:
            return
        queue = self._session.queue
        if code == Close.TOO_SLOW:
            queue.give_up()
        body = msgspec.json.encode({"type": "closed", "code": code})
        with suppress(TooSlow):
            self.put(Batch([Event(Route("closed"), body)]))
            if code in FINAL:
                queue.put_nowait(Ready(b"41"))
        self.is_over = True
        if isinstance(queue, Direct):
            self._hang_up()
        else:
            asyncio.get_running_loop().call_later(PARTING_SECONDS, self._hang_up)

    def _acknowledge(self, number: int, body: bytes) -> None:
        try:
            self._session.queue.put_nowait(Ready(b"43%d[%s]" % (number, body)))
        except TooSlow:
            self.close(Close.TOO_SLOW)


class Manager(socketio.AsyncManager):
    """Keeps nothing: there are no rooms of python-socketio, and who speaks here has connected."""

    def sid_from_eio_sid(self, eio_sid: str, namespace: str) -> str:
        return eio_sid


class Server(socketio.AsyncServer):
    """`openings` are those of the paths, without a slash at the end."""

    def __init__(self, openings: Mapping[str, Opening]) -> None:
        super().__init__(
            async_mode="asgi",
            client_manager=Manager(),
            # One event of a client after the other, as over the plain wire.
            async_handlers=False,
            serializer=CheckedPacket,
            # Who may connect is asked when they say who they are, where the refusal can be told.
            cors_allowed_origins=[],
            http_compression=False,
            max_http_buffer_size=MAX_PACKET,
            logger=log,
            engineio_logger=log,
        )
        self._openings = openings
        self._clients: dict[str, Client] = {}
        # Work that nobody waits for; kept, since a task that nobody holds may vanish.
        self._tasks: set[asyncio.Task[None]] = set()

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    async def _handle_eio_connect(self, eio_sid: str, environ: Mapping[str, Any]) -> None:
        # All else of a request is let go; python-engineio does not read who sent it.
        kept = {name: environ.get(name) for name in ("PATH_INFO", "QUERY_STRING", "HTTP_ORIGIN", "HTTP_HOST")}
        address, _ = environ["asgi.scope"].get("client") or ("", 0)
        await super()._handle_eio_connect(eio_sid, {**kept, "REMOTE_ADDR": address})
        asyncio.get_running_loop().call_later(CONNECT_SECONDS, self._expect, eio_sid)

    async def _handle_eio_message(self, eio_sid: str, data: str | bytes) -> None:
        is_connecting = isinstance(data, str) and data.startswith("0")
        is_announced = isinstance(data, str) or eio_sid in self._binary_packet
        if not is_announced or (eio_sid not in self._clients and not is_connecting):
            await self.eio.hang_up(eio_sid)
            return
        try:
            await super()._handle_eio_message(eio_sid, data)
        except (Malformed, TooSlow):
            await self.eio.hang_up(eio_sid)
        except Exception as error:
            log.error("an event failed", exc_info=error)
            if eio_sid in self._clients:
                self._clients[eio_sid].close(Close.FAULT)
            else:
                await self.eio.hang_up(eio_sid)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        self.eio.release(eio_sid)
        await self._handle_disconnect(eio_sid, None, reason)
        self.environ.pop(eio_sid, None)

    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: Mapping[str, Any] | None) -> None:
        if namespace not in (None, "/"):
            await self._refuse(eio_sid, namespace, {"message": "Invalid namespace"})
            return
        if eio_sid in self._clients:
            raise Malformed("This client is connected already.")
        environ = self.environ[eio_sid]
        try:
            claims = _claims_of(environ, data or {})
        except BadRoomToken as error:
            await self._refuse(eio_sid, namespace, {"message": error.message, "data": {"code": error.code}})
            return
        await self._send_packet(eio_sid, self.packet_class(packet.CONNECT, {"sid": self.eio.generate_id()}))
        del self.environ[eio_sid]
        session = self.eio.sockets[eio_sid]
        opening = self._openings[environ["PATH_INFO"].rstrip("/")]
        hang_up = partial(self._soon_hang_up, eio_sid)
        self._clients[eio_sid] = Client(session, opening, claims, _visit_of(environ), hang_up)

    async def _handle_event(self, eio_sid: str, namespace: str | None, id: int | None, data: list[Any]) -> None:
        if namespace not in (None, "/"):
            raise Malformed("There is no such namespace.")
        await self._clients[eio_sid].hear(data[0], data[1:], id)

    async def _handle_ack(self, eio_sid: str, namespace: str | None, id: int | None, data: list[Any]) -> None:
        """We ask for none."""

    async def _handle_disconnect(self, eio_sid: str, namespace: str | None, reason: str | None = None) -> None:
        if namespace not in (None, "/"):
            raise Malformed("There is no such namespace.")
        self._binary_packet.pop(eio_sid, None)
        client = self._clients.pop(eio_sid, None)
        if client is not None:
            await client.speaker.leave(is_over=reason == self.reason.CLIENT_DISCONNECT)
            # There is nothing else that a client could be connected to.
            self._soon_hang_up(eio_sid)

    async def _refuse(self, eio_sid: str, namespace: str | None, told: Mapping[str, Any]) -> None:
        await self._send_packet(eio_sid, self.packet_class(packet.CONNECT_ERROR, data=told, namespace=namespace))

    def _expect(self, eio_sid: str) -> None:
        if eio_sid not in self._clients:
            self._soon_hang_up(eio_sid)

    def _soon_hang_up(self, eio_sid: str) -> None:
        task = asyncio.create_task(self.eio.hang_up(eio_sid))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _claims_of(environ: Mapping[str, Any], auth: Mapping[str, Any]) -> RoomClaims:
    """Raises: BadRoomToken, also where a page of another origin holds it."""
    token = auth.get("token", tokens.in_query(environ["QUERY_STRING"]))
    claims = tokens.read_room(token if isinstance(token, str) else "")
    tokens.check_origin(claims, environ["HTTP_ORIGIN"])
    return claims


def _visit_of(environ: Mapping[str, Any]) -> Visit:
    origin, host = environ["HTTP_ORIGIN"], environ["HTTP_HOST"]
    return Visit.of(origin=origin, host=host or "", address=environ["REMOTE_ADDR"])


def _fields_of(name: str, arguments: list[Any]) -> dict[str, Any]:
    """Make a plain event of the two forms.

    Raises:
        Refusal.
    """
    fields = arguments[0] if arguments else {}
    if not isinstance(fields, dict) or len(arguments) > 1:
        raise Refusal("bad_payload", "Send one object with an event.")
    return fields if name == DATA else {**fields, "type": name}
