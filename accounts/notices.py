"""Notices to one person on all their tabs (`/ws/me`), beside what is said in rooms.

Source: docs/protocol/events.md, which is written from the table of them.
"""

import logging
from collections.abc import Iterable
from functools import partial
from typing import Any, Literal

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


class Notice(msgspec.Struct, kw_only=True, tag_field="type", omit_defaults=True):
    """What stands beside `type`; what each is for is said to its reader."""


class Ringing(Notice, tag="ring"):
    """Somebody rings you up, to come into a room; for 45 seconds."""

    callId: str
    # `from` is a word of Python's.
    caller: str = msgspec.field(name="from")
    username: str
    roomId: str


class RingAnswered(Notice, tag="ring-answer"):
    """A call that you made, or that reached you, was taken, refused or given up, perhaps on another tab."""

    callId: str
    accept: bool
    cause: str = ""


class Admitted(Notice, tag="admitted"):
    """You may come into a room before which you wait."""

    roomId: str


class Refused(Notice, tag="refused"):
    """You are not let into a room before which you wait."""

    roomId: str


class AccessGranted(Notice, tag="access-granted"):
    """You were given rights to a meeting."""

    meetingId: str
    rights: list[str]


class TranscriptReady(Notice, tag="transcript-ready"):
    """The transcript of a meeting that you may read is there."""

    meetingId: str


class SummaryReady(Notice, tag="summary-ready"):
    """The notes of a meeting that you may read are there."""

    meetingId: str


class WorkProgress(Notice, tag="work-progress"):
    """How far the work on a meeting of yours is, in per cent; at most once a second."""

    meetingId: str
    work: Literal["recognition", "mix"]
    progress: int


NOTICES: tuple[type[Notice], ...] = (
    *(Ringing, RingAnswered, Admitted, Refused),
    *(AccessGranted, TranscriptReady, SummaryReady, WorkProgress),
)


def group_of(user_id: str) -> str:
    return f"user.{user_id}"


def notify(user_ids: Iterable[str], notice: Notice) -> None:
    """Tell people something after the commit; whoever has no tab open does not hear it, nor anybody while Redis is
    away."""
    tell([group_of(user_id) for user_id in user_ids], notice)


def tell(groups: Iterable[str], notice: Notice) -> None:
    """Tell all who listen in these groups, as `notify`."""
    transaction.on_commit(partial(_send, [*groups], msgspec.json.encode(notice).decode()))


def notify_progress(user_id: str, subject: str, progress: WorkProgress) -> None:
    """Tell somebody how far the work on a subject is, unless they were told a moment ago."""
    try:
        is_due = cache.add(f"notices:progress:{subject}", 1, PROGRESS_SECONDS)
    except RedisError:
        return
    if is_due:
        notify([user_id], progress)


def _send(groups: list[str], text: str) -> None:
    try:
        async_to_sync(_send_all)(groups, text)
    except (RedisError, OSError) as error:
        log.warning("nobody hears a notice: %s", type(error).__name__)


async def _send_all(groups: list[str], text: str) -> None:
    layer: Any = get_channel_layer(LAYER)
    for group in groups:
        await layer.group_send(group, {"type": "notice", "text": text})
