"""The whole ASGI application in this process, and who knocks at it."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx
from asgiref.sync import async_to_sync
from django.conf import settings
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client

from accounts import actions
from accounts.clients import Client as Sender
from accounts.enums import SessionKind
from accounts.models import User
from config.asgi import application

ORIGIN = "http://127.0.0.1:8000"


def call(method: str, path: str, **request: Any) -> httpx.Response:
    """Send one request, of whatever httpx takes, and give the whole answer."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=application)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            return await client.request(method, path, **request)

    return async_to_sync(send)()


async def chunked(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    """A body whose length is not declared."""
    for part in parts:
        yield part


def bearer(user: User) -> dict[str, str]:
    sender = Sender(address="127.0.0.1")
    pair = actions.start_session(by=user, kind=SessionKind.LONG, client=sender)
    return {"Authorization": f"Bearer {pair.access}"}


def page_session(user: User, *, with_csrf: bool = True) -> dict[str, str]:
    """Headers as a browser sends them from one of our pages."""
    client = Client()
    client.force_login(user)
    token = _get_new_csrf_string()
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    headers = {"Origin": ORIGIN, "Cookie": f"{cookie}; {settings.CSRF_COOKIE_NAME}={token}"}
    return {**headers, "X-CSRFToken": token} if with_csrf else headers
