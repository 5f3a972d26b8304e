"""What every worker does beside its tasks: sweep, seal the audit log, say that it lives."""

import logging
import math
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
from config import courier
from config.celery import QUEUE
from config.lib import staging, work
from integrations.webhooks import actions as webhooks_actions
from meetings.actions import chat, coming
from recordings import actions as recordings_actions
from rooms.actions import files as room_files
from transcripts.actions import live

log = logging.getLogger("tertulia.housekeeping")

PULSE_KEY = "tertulia:worker"
# After so long without a pulse a worker counts as gone.
PULSE_LIFE_SECONDS = 20
TICK_SECONDS = 0.5

_lost_stays = coming.LostStays()
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
    last: dict[Callable[[], object], float] = {}
    while not _over.wait(TICK_SECONDS):
        for duty, every in DUTIES.items():
            if time.monotonic() - last.get(duty, -math.inf) >= every:
                last[duty] = time.monotonic()
                _attempt(duty)
    for duty in LAST_DUTIES:
        _attempt(duty)
    connection.close()


def _seal() -> None:
    close_old_connections()
    while audit.seal_committed():
        pass


def _pulse() -> None:
    cache.set(PULSE_KEY, f"{socket.gethostname()}:{os.getpid()}", timeout=PULSE_LIFE_SECONDS)


def _sweep() -> None:
    work.sweep(bells_waiting=bells_waiting())


def _attempt(step: Callable[[], object]) -> None:
    try:
        step()
    except Exception as error:  # noqa: BLE001 - the outermost loop: one failing duty must not end the others
        log.warning("%s will be tried again: %s", step.__name__, type(error).__name__)
        connection.close()


# What is done how often, in seconds; and what once more at the end.
DUTIES: dict[Callable[[], object], float] = {
    _pulse: 5,
    _seal: 1,
    courier.carry: 1,
    _sweep: settings.WORK_SWEEP_SECONDS,
    chat.publish_left: 5,
    live.tell_left: 5,
    coming.end_left: 5,
    _lost_stays.end: 10,
    staging.remove_stale: 600,
    chat.forget_stray: 3600,
    recordings_actions.remove_orphans: 3600,
    room_files.remove_orphans: 3600,
    webhooks_actions.forget_old: 3600,
    audit.write_head: 60,
    audit.trim: 3600,
}
LAST_DUTIES = (_seal, audit.write_head)
