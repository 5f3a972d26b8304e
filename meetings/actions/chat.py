"""The chat of meetings: what is said is a row first, and told after the commit."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from django.db import transaction
from django.utils import timezone

from accounts.rules import check_feature
from config.lib import keys
from meetings.models import Attendance, ChatMessage, Meeting
from rooms.models import Room
from rooms.reading import find_file
from rooms.realtime import protocol, publishing
from rooms.realtime.events import Event, Route
from rooms.realtime.saying import Saying

CHAT = "chat-box"
BODY = "chat_message.body"
FEATURE: Final = "enhanced_chat"
# Who said a message tells of it within this time, or was killed.
PUBLISHED_WITHIN = timedelta(seconds=5)
# For so long what was said while no meeting ran is kept, as long as it is replayed.
STRAY_LIFE = timedelta(hours=24)
# Before anything was said.
ALWAYS = datetime.min.replace(tzinfo=UTC)


class Body(msgspec.Struct, omit_defaults=True):
    """What is said; `file` names a file of the room."""

    msg: str
    file: str = ""


@transaction.atomic
def post_message(
    *, room_id: str, person: str, name: str, body: Body, time_ms: int, to: str = "", ref: str = ""
) -> ChatMessage:
    """Say something in a room, or to one person there alone; the same `ref` of the same person says it once.

    Where the room could not be told, the row is not published yet: `publish` tells it, and so does a sweep.

    Raises:
        rooms.exceptions.RoomFileNotFound.
        accounts.exceptions.FeatureNotInPlan: the plan of the room's owner has neither files nor private messages.
        config.lib.crypto.NotUnicode.
    """
    room = Room.objects.select_related("owner").get(pk=room_id)
    if body.file or to:
        check_feature(room.owner, FEATURE)
    if body.file:
        find_file(room, body.file)
    row = ChatMessage(
        room=room,
        meeting=Meeting.objects.running_in(room_id),
        person=person,
        to=to,
        name=name,
        ref=ref,
        said_at=datetime.fromtimestamp(time_ms / 1000, UTC),
    )
    row.body = keys.cipher(row.sealed_by).encrypt(msgspec.json.encode(body), row_id=row.pk, field=BODY)
    said = _said_once(row) if ref else _said(row)
    if said.published_at is None:
        transaction.on_commit(lambda: publish(message=said), robust=True)
    return said


def publish(*, message: ChatMessage) -> None:
    """Tell a room what was committed, once, however often it is tried.

    Raises:
        redis.exceptions.RedisError.
        config.lib.keystore.KeyMissing: the meeting was deleted.
    """
    route = _route(message)
    told = publishing.publish(
        message.room_id or "",
        Saying(type=CHAT, id=route.id, body=_written(message), is_kept=True, ref=f"chat:{message.pk}", to=route.to),
    )
    message.seq, message.published_at = None if message.to else told.seq, timezone.now()
    ChatMessage.objects.filter(pk=message.pk).update(seq=message.seq, published_at=message.published_at)


def publish_left() -> None:
    """Tell what a process that was killed between commit and telling left."""
    left = ChatMessage.objects.filter(published_at=None, said_at__lt=timezone.now() - PUBLISHED_WITHIN)
    for message in left.filter(room__isnull=False).order_by("pk"):
        publish(message=message)


def forget_stray() -> None:
    """Forget what was said while no meeting ran; the rest goes with its meeting."""
    ChatMessage.objects.filter(meeting=None, said_at__lt=timezone.now() - STRAY_LIFE).delete()


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Somebody who comes; `is_back` says that they were there before."""

    room_id: str
    person: str
    is_back: bool


def past(readers: Sequence[Reader]) -> list[list[Event]]:
    """Give the chat of the meetings that run in rooms, as each of those who come may hear it; the queries are few,
    however many come, and each message is read once.

    What was said before somebody came first is history, which not every plan has.
    """
    running = Meeting.objects.running_in_each(reader.room_id for reader in readers)
    since = [_since(reader, running.get(reader.room_id)) for reader in readers]
    heard = [running[reader.room_id] for reader, moment in zip(readers, since, strict=True) if moment]
    said = ChatMessage.objects.filter(meeting__in=heard, published_at__isnull=False)
    events: dict[str | None, list[tuple[ChatMessage, Event]]] = defaultdict(list)
    for message in said.audible_to(*(reader.person for reader in readers)).order_by("pk"):
        events[message.meeting_id].append((message, Event(_route(message), _written(message))))
    return [
        [
            event
            for message, event in events[running[reader.room_id].pk]
            if message.said_at >= moment and message.is_audible_to(reader.person)
        ]
        if moment
        else []
        for reader, moment in zip(readers, since, strict=True)
    ]


def _since(reader: Reader, meeting: Meeting | None) -> datetime | None:
    """Say from which moment on somebody may hear the chat of a meeting; None where nothing of it."""
    if meeting is None or meeting.room is None:
        return None
    if meeting.room.owner.has_feature(FEATURE):
        return ALWAYS
    if not reader.is_back:
        return None
    stays = Attendance.objects.filter(session__room=meeting.room, person=reader.person)
    came = stays.exclude(left_at__lt=meeting.started_at).values_list("joined_at", flat=True)
    return came.order_by("joined_at").first()


def _said(row: ChatMessage) -> ChatMessage:
    row.save(force_insert=True)
    return row


def _said_once(row: ChatMessage) -> ChatMessage:
    fields = ("id", "meeting", "to", "name", "body", "said_at")
    said, _ = ChatMessage.objects.get_or_create(
        room=row.room, person=row.person, ref=row.ref, defaults={field: getattr(row, field) for field in fields}
    )
    return said


def _route(message: ChatMessage) -> Route:
    return Route(CHAT, message.pk, to=tuple({message.person: None, message.to: None}) if message.to else ())


def _written(message: ChatMessage) -> bytes:
    text = keys.cipher(message.sealed_by).decrypt(message.body, row_id=message.pk, field=BODY)
    body = msgspec.json.decode(text, type=Body)
    who = {"id": message.person, "username": message.name}
    said = {"msg": body.msg, **({"file": body.file} if body.file else {}), **({"to": message.to} if message.to else {})}
    return protocol.envelope(CHAT, who, round(message.said_at.timestamp() * 1000), said)
