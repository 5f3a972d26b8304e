"""The WebSocket of a person: `/ws/me`, on which notices come to all their tabs, and from which they ring others up."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, cast
from weakref import WeakKeyDictionary

import msgspec
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from accounts.exceptions import NotAuthenticated
from accounts.models import User
from accounts.notices import LAYER
from config.lib.asgi import Message, Scope, headers_of, in_thread
from config.lib.errors import DomainError
from rooms.actions import listening, ringing
from rooms.actions.listening import Listener
from rooms.conversation.buckets import Buckets
from rooms.conversation.connection import OUTAGES
from rooms.realtime import protocol
from rooms.realtime.protocol import BEARER, SUBPROTOCOL, Close, Refusal

log = logging.getLogger("tertulia.notices")

WATCH_SECONDS = 1.0


class Ring(protocol.Payload):
    """`to` is the user who is rung up, `roomId` a room that both belong to."""

    to: str
    roomId: str


class RingAnswer(protocol.Payload):
    callId: str
    accept: bool
    cause: Annotated[str, msgspec.Meta(max_length=64)] = ""


def _ring(by: User, wish: Ring) -> dict[str, str]:
    return {"callId": ringing.ring(room_id=wish.roomId, whom=wish.to, by=by)}


def _answer(by: User, said: RingAnswer) -> dict[str, str]:
    ringing.answer(call_id=said.callId, accept=said.accept, cause=said.cause, by=by)
    return {}


@dataclass(frozen=True)
class Act:
    """What somebody may say here: its payload, and what is called with it, which gives what the `ack` tells."""

    name: str
    payload: type[protocol.Payload]
    summary: str
    handler: Callable[[User, Any], dict[str, str]]


ACTS = (
    Act("ring", Ring, "Rings another member of a room up, on all their tabs; `ack` has the `callId`.", _ring),
    Act("ring-answer", RingAnswer, "Takes a call or refuses it; who rings gives it up.", _answer),
)


class PersonalConsumer(AsyncWebsocketConsumer):
    channel_layer_alias = LAYER

    def __init__(self) -> None:
        super().__init__()
        self.listener: Listener | None = None
        self.groups: list[str] = []
        self._buckets = Buckets(time.monotonic)

    async def dispatch(self, message: Message) -> None:
        # Without the thread in which Channels would close old connections to the database: here there are none.
        await getattr(self, message["type"].replace(".", "_"))(message)

    async def connect(self) -> None:
        await self.accept(SUBPROTOCOL if SUBPROTOCOL in self.scope["subprotocols"] else None)
        try:
            await self._listen()
        except NotAuthenticated:
            await self.close(Close.BAD_TOKEN)
        except OUTAGES as error:
            log.warning("a listener has to come again: %s", type(error).__name__)
            await self.close(Close.GOING_DOWN)

    async def notice(self, message: Message) -> None:
        await self.send(message["text"])

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        raw = text_data if text_data is not None else bytes_data or b""
        head = protocol.Head()
        try:
            if len(raw) > protocol.MAX_FRAME:
                raise Refusal("too_large", f"At most {protocol.MAX_FRAME} bytes.")
            fields = protocol.read(raw)
            head = protocol.head_of(fields)
            await self._tell(protocol.encode({"type": "ack", "ref": head.ref, **await self._hear(head, fields)}))
        except Refusal as refusal:
            await self._tell(protocol.error(head.ref, refusal))

    async def disconnect(self, code: int) -> None:
        _watched().discard(self)

    async def _tell(self, body: bytes) -> None:
        await self.send(body.decode())

    async def _listen(self) -> None:
        """Raises: NotAuthenticated, and what `OUTAGES` has."""
        listener = self.listener = await self._find()
        await self.channel_layer.group_add(listener.group, self.channel_name)
        self.groups = [listener.group]
        _watched().add(self)
        if listener.ticket_id:
            await in_thread(listening.repeat_decision, listener)

    async def _find(self) -> Listener:
        """Raises: NotAuthenticated."""
        headers = headers_of(cast(Scope, self.scope))
        origin = headers.get("origin")
        if origin is not None and origin not in settings.ALLOWED_ORIGINS:
            raise NotAuthenticated("This page may not listen.")
        bearers = [name.removeprefix(BEARER) for name in self.scope["subprotocols"] if name.startswith(BEARER)]
        if bearers:
            return await in_thread(listening.by_bearer, bearers[0])
        if origin is None:
            raise NotAuthenticated("A cookie alone does not prove that one of our pages asks.")
        return await in_thread(listening.by_page, {"cookie": headers.get("cookie", "")})

    async def _hear(self, head: protocol.Head, fields: dict[str, Any]) -> dict[str, str]:
        """Do what is asked for; give what is told of it.

        Raises:
            Refusal.
        """
        self._buckets.take("other")
        if self.listener is None or not self.listener.user_id:
            raise Refusal("not_allowed", "Sign in to ring others up.")
        try:
            return await in_thread(_act, self.listener.user_id, head.type, fields)
        except DomainError as error:
            raise Refusal("rate_limited" if error.status == 429 else "not_allowed", error.message) from error
        except OUTAGES as error:
            raise Refusal("not_allowed", "That does not work just now: try again in a moment.") from error


def _act(user_id: str, kind: str, fields: dict[str, Any]) -> dict[str, str]:
    """Raises: Refusal, config.lib.errors.DomainError, and what `OUTAGES` has."""
    act = next((act for act in ACTS if act.name == kind), None)
    if act is None:
        raise Refusal("unknown_type", f"There is no event of the type {kind[:64]!r}.")
    try:
        payload = msgspec.convert(fields, act.payload)
    except msgspec.ValidationError as error:
        raise Refusal("bad_payload", str(error)) from error
    return act.handler(User.objects.get(pk=user_id), payload)


class _Watched:
    """All who listen in this process; who may not any more is hung up on."""

    def __init__(self) -> None:
        self._consumers: set[PersonalConsumer] = set()
        self._task: asyncio.Task[None] | None = None

    def add(self, consumer: PersonalConsumer) -> None:
        self._consumers.add(consumer)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())

    def discard(self, consumer: PersonalConsumer) -> None:
        self._consumers.discard(consumer)

    async def _watch(self) -> None:
        while self._consumers:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await self._look()
            except OUTAGES as error:
                log.warning("who may listen cannot be asked: %s", type(error).__name__)

    async def _look(self) -> None:
        listening_here = {consumer: consumer.listener for consumer in self._consumers if consumer.listener}
        ended = await in_thread(listening.ended, {*listening_here.values()})
        for consumer, listener in listening_here.items():
            if listener in ended and consumer in self._consumers:
                self.discard(consumer)
                await consumer.close(Close.BAD_TOKEN)


_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, _Watched] = WeakKeyDictionary()


def _watched() -> _Watched:
    return _loops.setdefault(asyncio.get_running_loop(), _Watched())
