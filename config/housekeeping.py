"""What every worker does beside its tasks: sweep, seal the audit log, say that it lives."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import close_old_connections, connection
from redis import Redis
from redis.exceptions import RedisError

from accounts import audit
from config.celery import QUEUE
from config.lib import work
from recordings import staging

log = logging.getLogger("tertulia.housekeeping")

PULSE_KEY = "tertulia:worker"
PULSE_SECONDS = 45
SEAL_SECONDS = 1
HEAD_SECONDS = 60

_over = threading.Event()
_thread: threading.Thread | None = None


def start() -> None:
    """Start the thread; called once the worker takes tasks."""
    global _thread
    _over.clear()
    _thread = threading.Thread(target=_keep_house, name="housekeeping", daemon=True)
    _thread.start()


def stop() -> None:
    """Ask running work to go back to the queue, and end the thread with a last signed head."""
    work.stopping.set()
    _over.set()
    if _thread is not None:
        _thread.join(timeout=5)


def bells_waiting() -> int:
    """Count the messages in the queue; none when Redis does not answer."""
    try:
        return int(Redis.from_url(settings.REDIS_URL).llen(QUEUE))
    except RedisError:
        return 0


def _keep_house() -> None:
    swept = headed = 0.0
    while True:
        over = _over.wait(SEAL_SECONDS)
        now = time.monotonic()
        _attempt(_seal)
        if now - swept >= settings.WORK_SWEEP_SECONDS and not over:
            swept = now
            _attempt(_pulse)
            _attempt(lambda: work.sweep(bells_waiting=bells_waiting()))
            _attempt(staging.remove_stale)
        if over or now - headed >= HEAD_SECONDS:
            headed = now
            _attempt(audit.write_head)
        if over:
            connection.close()
            return


def _seal() -> None:
    close_old_connections()
    while audit.seal_committed():
        pass


def _pulse() -> None:
    cache.set(PULSE_KEY, f"{socket.gethostname()}:{os.getpid()}", timeout=PULSE_SECONDS)


def _attempt(step: Callable[[], object]) -> None:
    try:
        step()
    except Exception as error:  # noqa: BLE001 - the outermost loop: one failing duty must not end the others
        log.warning("%s will be tried again: %s", getattr(step, "__name__", "sweep"), type(error).__name__)
        connection.close()
