"""The command lines of what `serve` runs."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from config.env import env_int
from config.lib.embedded import Layout
from config.lib.supervise import Program
from config.serve.endpoints import Endpoint
from config.serve.options import BASE_DIR

# Of the ten seconds in which everything ends, what is left goes to the database and Redis.
GRACE_SECONDS = 5.0
# Connections get less, so that a web process ends by itself within its grace.
DRAIN_SECONDS = 3
# What is larger closes the socket with 1009: the stage of a whiteboard (1 MiB) in its envelope.
FRAME_MAX_BYTES = 2**20 + 2**16


def web(endpoint: Endpoint, layout: Layout, env: Mapping[str, str]) -> Program:
    # No access log of uvicorn's: it writes query strings. No compression of sockets: it costs memory for each one.
    argv = [
        *(sys.executable, "-m", "uvicorn", "config.asgi:application"),
        *("--host", endpoint.host, "--port", str(endpoint.port)),
        *("--no-access-log", "--log-level", "warning", "--lifespan", "on"),
        *("--timeout-graceful-shutdown", str(DRAIN_SECONDS), "--ws-per-message-deflate", "false"),
        # What proxies say of a client is ours to judge (`config.edge`), for every server alike.
        *("--http", "config.serve.http:BoundedHttp", "--no-proxy-headers"),
        *("--ws", "config.serve.sockets:LendingSockets", "--ws-max-size", str(FRAME_MAX_BYTES)),
    ]
    if endpoint.certificate and endpoint.key:
        argv += ["--ssl-certfile", str(endpoint.certificate), "--ssl-keyfile", str(endpoint.key)]
    return _program(endpoint.name, argv, layout, {**env, "DATABASE_POOL": "True"})


def worker(layout: Layout, env: Mapping[str, str]) -> Program:
    """Celery with its beat inside.

    It gets no pid file: in a container the same pid soon belongs to something else, and Celery would refuse to
    start; the supervisor knows its own. SIGTERM is Celery's warm shutdown, in which running work hands itself over at
    its next step; work that takes longer than the grace is killed, and found by the sweep.
    """
    concurrency = env_int("WORKER_CONCURRENCY", min(2, os.cpu_count() or 1))
    argv = [
        *(sys.executable, "-m", "celery", "--app", "config", "worker", "--beat"),
        *("--schedule", str(layout.run_dir / "beat-schedule"), "--concurrency", str(concurrency)),
        *("--without-gossip", "--without-mingle", "--loglevel", "WARNING"),
    ]
    return _program("worker", argv, layout, env)


def manage(arguments: tuple[str, ...], layout: Layout, env: Mapping[str, str]) -> Program:
    return _program(arguments[0], [sys.executable, str(BASE_DIR / "manage.py"), *arguments], layout, env)


def _program(name: str, argv: list[str], layout: Layout, env: Mapping[str, str]) -> Program:
    log: Path = layout.logs_dir / f"{name}.log"
    return Program(name, tuple(argv), log, env, cwd=BASE_DIR, grace=GRACE_SECONDS)
