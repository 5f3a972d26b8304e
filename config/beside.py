"""What wraps each ASGI application beside Django, as middleware wraps views: https, other origins, the access log."""

import logging
import time
from functools import partial

from django.conf import settings

from accounts import trail
from accounts.clients import client_of_scope
from config import refusals
from config.lib import https
from config.lib.answers import server_error
from config.lib.asgi import (
    Application,
    Body,
    Message,
    Receive,
    Scope,
    Send,
    headers_of,
    in_thread,
    refuse_body,
    send_json,
    send_refusal,
)

log = logging.getLogger("tertulia.access")

Header = tuple[bytes, bytes]


async def answer(application: Application, name: str, scope: Scope, receive: Receive, send: Send) -> None:
    """Let the application answer, write the access line, and answer what it did not foresee."""
    began, status, error_id = time.monotonic(), 0, ""
    added = _cors_headers(headers_of(scope).get("origin", ""))

    async def noting_send(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    address = client_of_scope(scope).address
    followed = trail.Trail(address=address)
    refusals.describe(followed, method=scope["method"], route=name, ids=scope.get("path_params", {}))
    try:
        https.check(scope["scheme"], address)
        with trail.following(followed):
            await application(scope, receive, noting_send)
        if status in refusals.STATUSES:
            await in_thread(partial(refusals.record, followed, status=status, by=followed.user))
    except https.HttpsRequired as error:
        await refuse_body(noting_send, error, Body(receive))
    except Exception as error:  # noqa: BLE001 - the outermost frame of a request
        body = server_error(error)
        error_id = body["errorId"]
        if not status:
            await send_json(noting_send, 500, body)
    log.info("%s %s %s %.0f ms %s", scope["method"], name, status, (time.monotonic() - began) * 1000, error_id)


async def answer_socket(application: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Let the application answer a WebSocket. Over plain http, where that is not wanted, a server that can say so
    does."""

    async def deny(message: Message) -> None:
        await send({**message, "type": f"websocket.{message['type']}"})

    try:
        https.check(scope["scheme"], client_of_scope(scope).address)
    except https.HttpsRequired as error:
        if "websocket.http.response" in scope.get("extensions", {}):
            await send_refusal(deny, error)
        else:
            await close_socket(scope, receive, send)
    else:
        await application(scope, receive, send)


async def close_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """Close a WebSocket before it is open: nobody speaks it here."""
    # A server would log an application that just returns as broken.
    await send({"type": "websocket.close"})


def _cors_headers(origin: str) -> list[Header]:
    """Let the pages of other origins that are allowed read the answer; their preflights are Django's to answer."""
    if origin not in settings.ALLOWED_ORIGINS:
        return [(b"vary", b"origin")]
    return [
        (b"vary", b"origin"),
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", ", ".join(settings.CORS_EXPOSE_HEADERS).encode()),
    ]
