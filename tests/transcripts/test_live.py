"""Lines that people say in a room: each is a row, of which the room hears once, whoever is killed meanwhile."""

from contextlib import suppress

import msgspec
import pytest
from django.db import transaction
from django.utils import timezone
from redis import Redis
from redis.exceptions import RedisError

from rooms.realtime import publishing, sealing
from rooms.realtime.bus import key
from transcripts.actions import live
from transcripts.actions.live import SpokenLine
from transcripts.models import Caption, Line

GUEST = "g_0123456789abcdef01234567"
NOW_MS = 1_760_447_289_559
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def say(running):
    def say(text="Hello.", *, time_ms=NOW_MS, **line):
        spoken = SpokenLine(text=text, start_ms=1000, end_ms=2500, **line)
        return live.say_line(room_id=running.room_id, line=spoken, name="Guest", time_ms=time_ms, person=GUEST)

    return say


@pytest.fixture
def _redis_away(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    publishing._redis.cache_clear()
    yield
    publishing._redis.cache_clear()


def told(meeting, settings):
    """Give what the room was told and could hear again."""
    stored = Redis.from_url(settings.REDIS_URL).xrange(key(meeting.room_id, "log"))
    events = [sealing.opened(meeting.room_id, fields[b"e"]) for _, fields in stored]
    return [msgspec.json.decode(event.body) for event in events]


def test_line_is_told_after_the_commit_and_nothing_waits(running, say, settings):
    caption = say("Hello.", language="en-GB", replaces="u-1")

    line = Line.objects.get()
    assert (caption.seq, Caption.objects.count()) == (1, 0)
    assert told(running, settings) == [
        {
            "type": "transcript",
            "id": GUEST,
            "username": "Guest",
            "time": NOW_MS // 1000,
            "timeMs": NOW_MS,
            "msg": "Hello.",
            "final": True,
            "startMs": 1000,
            "endMs": 2500,
            "lineId": line.pk,
            "language": "en-GB",
            "replaces": "u-1",
        }
    ]


def test_line_whose_transaction_fails_is_not_told(running, say, settings):
    with suppress(InterruptedError), transaction.atomic():
        say()
        raise InterruptedError

    assert (Line.objects.count(), Caption.objects.count(), told(running, settings)) == (0, 0, [])


def test_line_leaves_nothing_behind_where_it_cannot_be_stored(running, say, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError

    monkeypatch.setattr("transcripts.actions.live.audit.record", fail)
    with pytest.raises(RuntimeError):
        say()

    assert (Line.objects.count(), Caption.objects.count(), running.participants.count()) == (0, 0, 0)


def test_same_client_id_is_told_once_with_the_same_number(running, say, settings):
    captions = [say(client_id="u-1"), say("Another", client_id="u-2"), say(client_id="u-1")]

    assert [caption.seq for caption in captions] == [1, 2, 1]
    assert ([event["msg"] for event in told(running, settings)], Caption.objects.count()) == (["Hello.", "Another"], 0)


@pytest.mark.usefixtures("_redis_away")
def test_caption_waits_while_redis_is_away(running, say):
    caption = say()

    assert (caption.seq, [*Caption.objects.all()]) == (None, [caption])
    with pytest.raises(RedisError):
        live.tell(caption=caption)


def test_caption_that_a_killed_process_left_is_told(running, say, settings, monkeypatch):
    with monkeypatch.context() as killed:
        killed.setattr(transaction, "on_commit", lambda *_, **__: None)
        say(replaces="u-1")
    before = told(running, settings)

    live.tell_left()
    live.tell_left()

    assert before == []
    assert [(event["msg"], event["replaces"]) for event in told(running, settings)] == [("Hello.", "u-1")]
    assert not Caption.objects.exists()


def test_caption_of_a_moment_ago_is_left_to_who_said_it(running, say, settings, monkeypatch):
    with monkeypatch.context() as killed:
        killed.setattr(transaction, "on_commit", lambda *_, **__: None)
        say(time_ms=round(timezone.now().timestamp() * 1000))

    live.tell_left()

    assert (told(running, settings), Caption.objects.count()) == ([], 1)
