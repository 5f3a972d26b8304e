"""Lines that people say in a room: each is a row, of which the room hears once, whoever is killed meanwhile."""

from contextlib import suppress
from datetime import timedelta

import msgspec
import pytest
from django.db import transaction
from django.utils import timezone
from redis import Redis
from redis.exceptions import RedisError

from config.lib.ids import new_id
from meetings.actions import coming
from meetings.actions.chat import Reader
from meetings.actions.coming import Comer
from meetings.models import Attendance
from rooms.realtime import publishing, sealing
from rooms.realtime.bus import key
from rooms.tokens import new_guest
from tests.factories import make_room
from transcripts.actions import live
from transcripts.actions.live import SpokenLine
from transcripts.models import Caption, Line

GUEST = new_guest()
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


def waiting():
    return Caption.objects.filter(seq=None)


def test_line_is_told_after_the_commit(running, say, settings):
    caption = say("Hello.", language="en-GB", replaces="u-1")

    line = Line.objects.get()
    assert (caption.seq, waiting().exists()) == (1, False)
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
    assert ([event["msg"] for event in told(running, settings)], waiting().exists()) == (["Hello.", "Another"], False)


@pytest.mark.usefixtures("_redis_away")
def test_caption_waits_while_redis_is_away(running, say):
    caption = say()

    assert (caption.seq, [*waiting()]) == (None, [caption])
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
    assert not waiting().exists()


def test_caption_of_a_moment_ago_is_left_to_who_said_it(running, say, settings, monkeypatch):
    with monkeypatch.context() as killed:
        killed.setattr(transaction, "on_commit", lambda *_, **__: None)
        say(time_ms=round(timezone.now().timestamp() * 1000))

    live.tell_left()

    assert (told(running, settings), waiting().count()) == ([], 1)


def test_line_that_was_sent_by_rest_is_told_when_it_is_said(running, say, settings, owner, send):
    send(running, message="Sent.", clientId="u-1")

    said = live.say_line(
        **{"room_id": running.room_id, "name": "Owner", "time_ms": NOW_MS, "person": owner.pk},
        line=SpokenLine(text="Sent.", client_id="u-1"),
    )

    assert (Line.objects.count(), said.seq, [event["msg"] for event in told(running, settings)]) == (1, 1, ["Sent."])


def come(meeting, person):
    comer = Comer(room_id=meeting.room_id, seat=new_id(), person=person, name="Guest")
    coming.arrive([comer])
    Attendance.objects.filter(seat=comer.seat).update(joined_at=timezone.now() - timedelta(seconds=10))


def past(meeting, person, *, is_back=True):
    (events,) = live.past([Reader(room_id=meeting.room_id, person=person, is_back=is_back)])
    return [msgspec.json.decode(event.body)["msg"] for event in events]


def test_who_is_back_hears_what_was_spoken_since_they_first_came(running, say, owner, member):
    now_ms = round(timezone.now().timestamp() * 1000)
    come(running, GUEST)
    for text, ago in (("Before", 20_000), ("Hello.", 5000), ("Goodbye.", 1000)):
        say(text, time_ms=now_ms - ago)

    assert past(running, GUEST) == ["Hello.", "Goodbye."]
    assert (past(running, GUEST, is_back=False), past(running, member.pk)) == ([], [])


def test_only_what_was_told_in_their_own_room_is_told_again(running, say, owner, monkeypatch):
    other = make_room(owner)
    come(running, GUEST)
    with monkeypatch.context() as killed:
        killed.setattr(transaction, "on_commit", lambda *_, **__: None)
        say(time_ms=round(timezone.now().timestamp() * 1000))

    readers = [Reader(room_id=room_id, person=GUEST, is_back=True) for room_id in (running.room_id, other.pk)]

    assert live.past(readers) == [[], []]


def test_however_many_come_back_the_queries_are_few(running, say, django_assert_num_queries):
    now_ms = round(timezone.now().timestamp() * 1000)
    people = [GUEST, *(new_guest() for _ in range(9))]
    for person in people:
        come(running, person)
    for number in range(3):
        say(str(number), time_ms=now_ms)

    with django_assert_num_queries(3):
        events = live.past([Reader(room_id=running.room_id, person=person, is_back=True) for person in people])

    assert [len(those) for those in events] == [3] * 10
