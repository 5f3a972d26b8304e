"""Addresses of the database and of Redis as Django wants them, embedded or named by the environment."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from config.lib.embedded.errors import EmbeddedError
from config.lib.embedded.layout import PG_PORT, Layout
from config.lib.embedded.postgres_files import DATABASE, ROLE

ENGINE = "django.db.backends.postgresql"


def redis_url(layout: Layout) -> str:
    return f"unix://{layout.redis_socket}?db=0"


def database_settings(layout: Layout, url: str = "") -> dict[str, Any]:
    """Return the entry for DATABASES: the server that the URL names, else the embedded one."""
    if url:
        return _parse(url)
    return {"ENGINE": ENGINE, "NAME": DATABASE, "USER": ROLE, "HOST": str(layout.pg_socket_dir), "PORT": str(PG_PORT)}


def _parse(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    name = unquote(parts.path.removeprefix("/"))
    if parts.scheme not in ("postgres", "postgresql") or not name:
        raise EmbeddedError("DATABASE_URL must look like postgresql://user:password@host:5432/name.")
    options = dict(parse_qsl(parts.query))
    # A folder of sockets goes into the query, as in libpq's own addresses.
    host = options.pop("host", "") or unquote(parts.hostname or "")
    return {
        "ENGINE": ENGINE,
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }
