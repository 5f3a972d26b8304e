"""Telling a room what happened in an action: from REST, the admin, tasks and sockets alike, after the commit."""

from collections.abc import Iterable
from functools import cache
from typing import cast

from django.conf import settings
from django.db import transaction
from redis import Redis

from config.lib.ids import new_id
from rooms.realtime import protocol, scripts, sealing
from rooms.realtime.bus import BOARD, Said, channel, key
from rooms.realtime.events import Event, packed
from rooms.realtime.saying import Saying

# What is known of a whiteboard beside its tables: see `drawing.DRAW`.
OF_BOARD = ("board", "stage", "strokes")


@cache
def _redis() -> Redis:
    return Redis.from_url(settings.REDIS_URL, protocol=2)


def publish(room_id: str, saying: Saying) -> Said:
    """Say something in a room.

    Raises:
        redis.exceptions.RedisError: nobody heard it.
    """
    route = saying.route
    stored = sealing.sealed(room_id, Event(route, saying.body)) if saying.is_kept else b""
    say = _redis().register_script(scripts.SAY)
    epoch, seq, is_new, _ = say(
        keys=[*(key(room_id, name) for name in ("meta", "seats", "state", "log")), key(room_id, f"ref:{saying.ref}")],
        args=[
            *(new_id(), channel(room_id), packed(route, saying.body), stored, saying.ref),
            ",".join(saying.to) if stored else "",
            *(part for write in saying.writes for part in write),
        ],
    )
    return Said(epoch.decode(), seq, bool(is_new))


def on_commit(room_id: str, saying: Saying) -> None:
    """Say something in a room when the transaction is committed; where Redis is away then, nobody hears it."""

    # A function and no partial: Django names it where it fails.
    def say() -> None:
        publish(room_id, saying)

    transaction.on_commit(say, robust=True)


def look(room_id: str) -> None:
    """Have every process look again, after the commit, who may be in the room and as what; they do so now and then in
    any case."""
    on_commit(room_id, Saying(type="", body=b"{}", orders=(("look", "", ""),)))


def to_hosts(room_id: str, name: str, **said: object) -> None:
    """Tell the hosts who are in a room something, after the commit."""
    body = protocol.encode({"type": name, **said})
    on_commit(room_id, Saying(type=name, body=body, roles=tuple(sorted(protocol.HOSTS))))


def taken_seats(room_id: str) -> set[str]:
    """Give the seats of a room that Redis knows of.

    Raises:
        redis.exceptions.RedisError.
    """
    return {pid.decode() for pid in cast(list[bytes], _redis().hkeys(key(room_id, "seats")))}


def forget_kept(room_id: str, people: Iterable[str]) -> None:
    """Forget, after the commit, what the room, and each of these people alone, could hear again."""
    logs = [key(room_id, "log"), *(key(room_id, f"log:{person}") for person in people)]

    def forget() -> None:
        _redis().delete(*logs)

    transaction.on_commit(forget, robust=True)


def wipe_board(room_id: str) -> None:
    """Forget, after the commit, what was drawn in a room."""
    meta, log, *tables = (key(room_id, name) for name in ("meta", "log", *BOARD))

    def wipe() -> None:
        stage = cast(bytes | None, _redis().hget(meta, "stage"))
        if stage is not None:
            _redis().xdel(log, f"{stage.decode()}-0")
        _redis().hdel(meta, *OF_BOARD)
        _redis().delete(*tables)

    transaction.on_commit(wipe, robust=True)
