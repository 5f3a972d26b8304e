"""Which ASGI application answers what: large bodies go past Django, everything else through it, bounded."""

import re
from collections.abc import Callable

from django.conf import settings

from config import beside
from config.lib.asgi import (
    Application,
    Body,
    Message,
    Receive,
    Scope,
    Send,
    declared_length,
    headers_of,
    refuse_body,
)
from config.lib.errors import DomainError
from config.realtime import personal_socket, room_socket, socket_io
from recordings.downloads import meeting_audio
from recordings.uploads import import_meeting
from rooms.downloads import room_document
from rooms.uploads import room_upload

# Method, path and the application that answers it; each authenticates and asks its rule before it reads a byte.
LARGE_BODIES: list[tuple[str, re.Pattern[str], str, Application]] = [
    ("POST", re.compile(r"/meetings/import"), "meeting-import", import_meeting),
    ("GET", re.compile(r"/m/(?P<meeting_id>[0-9a-f]{24})/audio"), "meeting-audio", meeting_audio),
    ("HEAD", re.compile(r"/m/(?P<meeting_id>[0-9a-f]{24})/audio"), "meeting-audio", meeting_audio),
    ("POST", re.compile(r"/room/(?P<room_id>[^/]+)/upload"), "room-upload", room_upload),
    ("GET", re.compile(r"/documents/(?P<room_id>[^/]+)/(?P<filename>[^/]+)"), "room-document", room_document),
    ("HEAD", re.compile(r"/documents/(?P<room_id>[^/]+)/(?P<filename>[^/]+)"), "room-document", room_document),
]

# Over http and WebSockets alike; preflights are Django's to answer.
SOCKET_IO = re.compile(r"(/erizocontroller|/recording)?/socket\.io/?")

SOCKETS: list[tuple[re.Pattern[str], Callable[..., Application]]] = [
    (re.compile(r"/ws/room/(?P<room_id>[0-9a-f]{24})"), room_socket),
    (re.compile(r"/ws/me"), personal_socket),
]


class BodyTooLarge(DomainError):
    """A body that no ordinary call has; refused before Django would spool it whole."""

    code = "body_too_large"
    status = 413


def route(django: Application) -> Application:
    """Make the application that hands each request to its own large-body application, or to `django`."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            if SOCKET_IO.fullmatch(scope["path"]) and scope["method"] != "OPTIONS":
                await beside.answer(socket_io, "socket.io", scope, receive, send)
                return
            for method, pattern, name, answer in LARGE_BODIES:
                match = pattern.fullmatch(scope["path"])
                if match and method == scope["method"]:
                    await beside.answer(answer, name, {**scope, "path_params": match.groupdict()}, receive, send)
                    return
            await _bounded(django, scope, receive, send)
        else:
            await beside.answer_socket(_socket(scope["path"]), scope, receive, send)

    return application


def _socket(path: str) -> Application:
    if SOCKET_IO.fullmatch(path):
        return socket_io
    for pattern, consumer in SOCKETS:
        match = pattern.fullmatch(path)
        if match:
            return consumer(**match.groupdict())
    return beside.close_socket


async def _bounded(django: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Hand a request to Django unless its body is too large, said beforehand or found out on the way."""
    limit = settings.BODY_MAX_BYTES
    seen = declared_length(headers_of(scope))
    has_answered = False

    async def counting_receive() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        # To Django the client of a body without a declared length that grows too large is gone.
        return {"type": "http.disconnect"} if seen > limit else message

    async def noting_send(message: Message) -> None:
        nonlocal has_answered
        has_answered = True
        await send(message)

    if seen <= limit:
        seen = 0
        await django(scope, counting_receive, noting_send)
    if seen > limit and not has_answered:
        await beside.answer(_refuse_large, "-", scope, receive, send)


async def _refuse_large(scope: Scope, receive: Receive, send: Send) -> None:
    refused = BodyTooLarge(f"This call takes at most {settings.BODY_MAX_BYTES} bytes.")
    await refuse_body(send, refused, Body(receive))


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return
