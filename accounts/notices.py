"""Notices to one person on all their tabs (`/ws/me`), beside what is said in rooms."""

import logging
from collections.abc import Iterable
from functools import partial
from typing import Any

import msgspec
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.core.cache import cache
from django.db import transaction
from redis.exceptions import RedisError

log = logging.getLogger("tertulia.notices")

# The channel layer that carries them.
LAYER = "notices"
# Progress of one thing is told once in so many seconds.
PROGRESS_SECONDS = 1


def group_of(user_id: str) -> str:
    return f"user.{user_id}"


def notify(user_ids: Iterable[str], kind: str, **said: object) -> None:
    """Tell people something after the commit; whoever has no tab open does not hear it, nor anybody while Redis is
    away."""
    tell([group_of(user_id) for user_id in user_ids], kind, **said)


def tell(groups: Iterable[str], kind: str, **said: object) -> None:
    """Tell all who listen in these groups, as `notify`."""
    transaction.on_commit(partial(_send, [*groups], msgspec.json.encode({"type": kind, **said}).decode()))


def notify_progress(user_id: str, subject: str, **said: object) -> None:
    """Tell somebody how far the work on a subject is, unless they were told a moment ago."""
    try:
        is_due = cache.add(f"notices:progress:{subject}", 1, PROGRESS_SECONDS)
    except RedisError:
        return
    if is_due:
        notify([user_id], "work-progress", **said)


def _send(groups: list[str], text: str) -> None:
    try:
        async_to_sync(_send_all)(groups, text)
    except (RedisError, OSError) as error:
        log.warning("nobody hears a notice: %s", type(error).__name__)


async def _send_all(groups: list[str], text: str) -> None:
    layer: Any = get_channel_layer(LAYER)
    for group in groups:
        await layer.group_send(group, {"type": "notice", "text": text})
