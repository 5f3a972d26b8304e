"""The few pieces that plain ASGI applications share: who is asking, how to answer, how to read a body."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from concurrent.futures import Executor
from contextlib import suppress
from contextvars import copy_context
from typing import Any, TypeVar, TypeVarTuple

from django.db import connections

from config.lib.answers import refusal
from config.lib.errors import DomainError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


Ts = TypeVarTuple("Ts")
R = TypeVar("R")

# How long a refused upload is still read, so that the client sees the answer and not a reset connection.
LINGER_SECONDS = 2.0

_LENGTH = re.compile(r"[0-9]{1,18}")


class ClientGone(Exception):
    """The client hung up before its body was whole."""


def headers_of(scope: Scope) -> dict[str, str]:
    """Give the headers by lower-case name; of a repeated one the last."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def forget_headers(scope: Scope) -> None:
    """Let go of the headers of a WebSocket, which would stay as long as it is open."""
    scope["headers"].clear()


def declared_length(headers: Mapping[str, str]) -> int:
    """Read Content-Length; 0 where the client does not say."""
    text = headers.get("content-length", "")
    return int(text) if _LENGTH.fullmatch(text) else 0


class Body:
    """The body of a request, read as it comes."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._is_over = False

    async def parts(self) -> AsyncIterator[bytes]:
        """Yield what has come; the next part is asked for only when this one has been dealt with.

        Raises:
            ClientGone: the connection ended in mid-body.
        """
        while not self._is_over:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            self._is_over = not message.get("more_body")
            if message.get("body"):
                yield message["body"]

    async def discard(self) -> None:
        """Throw away what still comes, for a moment."""
        with suppress(ClientGone, TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                async for _ in self.parts():
                    pass


async def send_json(
    send: Send, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None, *, is_last: bool = True
) -> None:
    content = json.dumps(body).encode()
    fields = {"content-type": "application/json", "content-length": str(len(content)), **(headers or {})}
    await send_head(send, status, fields)
    await send({"type": "http.response.body", "body": content, "more_body": not is_last})


async def send_head(send: Send, status: int, headers: Mapping[str, str]) -> None:
    fields = {"x-content-type-options": "nosniff", "referrer-policy": "same-origin", **headers}
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})


async def send_refusal(send: Send, error: DomainError, headers: Mapping[str, str] | None = None) -> None:
    await send_json(send, error.status, _told(error), {**error.headers, **(headers or {})})


async def refuse_body(send: Send, error: DomainError, body: Body) -> None:
    """Refuse a request whose body may still be coming.

    The answer leaves at once. Then the rest of the body is read for a moment: closing a connection that holds unread
    bytes resets it, and the client would never see the answer.
    """
    await send_json(send, error.status, _told(error), {**error.headers, "connection": "close"}, is_last=False)
    await body.discard()
    await send({"type": "http.response.body"})


def _told(error: DomainError) -> dict[str, Any]:
    """Make the body of a refusal; a fault of ours is raised on, to be logged and not told."""
    if not error.is_refusal:
        raise error
    return refusal(error.message, error.code, error.facts)


async def in_thread(function: Callable[[*Ts], R], *args: *Ts, pool: Executor | None = None) -> R:
    """Call a function that uses the database in a thread, and give its connection back afterwards.

    What may take long brings a pool: the few threads of the usual one serve everybody.
    """

    def call() -> R:
        try:
            return function(*args)
        finally:
            connections.close_all()

    return await asyncio.get_running_loop().run_in_executor(pool, copy_context().run, call)
