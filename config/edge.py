"""What stands before everything else, under ASGI and WSGI alike: it finds out who is at the other end, and how."""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings

from config.lib import proxies
from config.lib.asgi import Application, Receive, Scope, Send

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# Over a socket one speaks the same with or without TLS, by another name.
SOCKET_SCHEMES = {"http": "ws", "https": "wss"}


def behind_proxies(application: Application) -> Application:
    """Give the application the client's own address and scheme, where a proxy that we trust tells them."""

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            scope = {**scope, **_corrected(scope)}
        await application(scope, receive, send)

    return outer


def behind_proxies_wsgi(application: WsgiApplication) -> WsgiApplication:
    """Do the same under WSGI."""

    def outer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        origin = proxies.origin_of(
            environ.get("REMOTE_ADDR", ""),
            environ["wsgi.url_scheme"],
            forwarded_for=environ.get("HTTP_X_FORWARDED_FOR", ""),
            forwarded_proto=environ.get("HTTP_X_FORWARDED_PROTO", ""),
            trusted=_trusted(),
        )
        changed = {"REMOTE_ADDR": origin.address, "wsgi.url_scheme": origin.scheme}
        return application({**environ, **changed}, start_response)

    return outer


def _corrected(scope: Scope) -> dict[str, Any]:
    peer, port = scope.get("client") or ("", 0)
    is_socket = scope["type"] == "websocket"
    origin = proxies.origin_of(
        peer,
        "https" if scope.get("scheme") in ("https", "wss") else "http",
        forwarded_for=_joined(scope, b"x-forwarded-for"),
        forwarded_proto=_joined(scope, b"x-forwarded-proto"),
        trusted=_trusted(),
    )
    return {
        "client": (origin.address, port),
        "scheme": SOCKET_SCHEMES[origin.scheme] if is_socket else origin.scheme,
    }


def _joined(scope: Scope, name: bytes) -> str:
    """Give a header that each proxy may have added anew, as one list."""
    return ",".join(value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name)


def _trusted() -> tuple[proxies.Network, ...]:
    return proxies.networks(tuple(settings.TRUSTED_PROXIES))
