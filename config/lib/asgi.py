"""The few pieces that plain ASGI applications share: who is asking, how to answer, how to read a body."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from typing import Any, ParamSpec, TypeVar

from django.db import connections

from config.lib.errors import DomainError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


P = ParamSpec("P")
R = TypeVar("R")

# How long a refused upload is still read, so that the client sees the answer and not a reset connection.
LINGER_SECONDS = 2.0


class ClientGone(Exception):
    """The client hung up before its body was whole."""


def headers_of(scope: Scope) -> dict[str, str]:
    """Give the headers by lower-case name; of a repeated one the last."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


async def body_of(receive: Receive) -> AsyncIterator[bytes]:
    """Yield the body as it comes; the next part is asked for only when this one has been dealt with.

    Raises:
        ClientGone: the connection ended in mid-body.
    """
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        if message.get("body"):
            yield message["body"]
        if not message.get("more_body"):
            return


async def send_json(send: Send, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
    content = json.dumps(body).encode()
    fields = {"content-type": "application/json", "content-length": str(len(content)), **(headers or {})}
    await send_head(send, status, fields)
    await send({"type": "http.response.body", "body": content})


async def send_head(send: Send, status: int, headers: Mapping[str, str]) -> None:
    fields = {"x-content-type-options": "nosniff", "referrer-policy": "same-origin", **headers}
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})


async def send_refusal(send: Send, error: DomainError, headers: Mapping[str, str] | None = None) -> None:
    body: dict[str, Any] = {"success": False, "message": error.message, "code": error.code}
    if error.facts:
        body["errors"] = error.facts
    await send_json(send, error.status, body, headers)


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function that uses the database in a thread, and give its connection back afterwards."""

    def call() -> R:
        try:
            return function(*args, **kwargs)
        finally:
            connections.close_all()

    return await asyncio.to_thread(call)


async def linger(receive: Receive) -> None:
    """Throw away what a refused client still sends, for a moment."""
    until = time.monotonic() + LINGER_SECONDS
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            async for _ in body_of(receive):
                if time.monotonic() > until:
                    return
    except (ClientGone, TimeoutError):
        return
