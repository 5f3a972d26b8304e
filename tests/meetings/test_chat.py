"""What is said in the chat: kept sealed, told once, and given again to those who may hear it."""

from contextlib import suppress
from datetime import timedelta

import msgspec
import pytest
from django.contrib import admin
from django.db import transaction
from django.utils import timezone
from redis import Redis
from redis.exceptions import RedisError

from accounts.exceptions import FeatureNotInPlan
from config.lib.ids import new_id
from meetings import actions
from meetings.actions import chat, coming
from meetings.actions.chat import Body, Reader
from meetings.actions.coming import Comer
from meetings.models import ChatMessage, Meeting
from rooms.exceptions import RoomFileNotFound
from rooms.realtime import publishing, sealing
from rooms.realtime.bus import key
from tests.factories import make_room

pytestmark = pytest.mark.django_db(transaction=True)

NOW_MS = 1_760_447_289_559


@pytest.fixture
def room(owner):
    return make_room(owner)


@pytest.fixture
def meeting(owner, room):
    come(room, owner)
    return Meeting.objects.running_in(room.pk)


@pytest.fixture
def say(room, owner):
    def say(msg="Hello", *, file="", by=owner, **about):
        body = Body(msg, file)
        return chat.post_message(
            person=by.pk, name=by.full_name, body=body, **{"room_id": room.pk, "time_ms": NOW_MS, **about}
        )

    return say


@pytest.fixture
def essential(owner):
    owner.plan = "essential"
    owner.save()


@pytest.fixture
def _redis_away(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    publishing._redis.cache_clear()
    yield
    publishing._redis.cache_clear()


def told(room, settings, person=""):
    """Give what the room, or one person alone, was told and could hear again."""
    log = key(room.pk, f"log:{person}" if person else "log")
    events = [sealing.opened(room.pk, fields[b"e"]) for _, fields in Redis.from_url(settings.REDIS_URL).xrange(log)]
    return [msgspec.json.decode(event.body) for event in events]


def come(room, who):
    coming.arrive([Comer(room_id=room.pk, seat=new_id(), person=who.pk, name=who.first_name)])


def past(room, who, *, is_back):
    (events,) = chat.past([Reader(room_id=room.pk, person=who.pk, is_back=is_back)])
    return events


def texts(events):
    return [msgspec.json.decode(event.body)["msg"] for event in events]


def test_message_is_kept_sealed_and_told_after_the_commit(owner, room, meeting, say, settings):
    row = say("Hello everyone!")

    row = ChatMessage.objects.get(pk=row.pk)
    assert (row.meeting, row.person, row.name, row.seq) == (meeting, owner.pk, "Owner Tester", 1)
    assert row.published_at is not None
    assert b"Hello" not in bytes(row.body)
    assert told(room, settings) == [
        {
            "type": "chat-box",
            "id": owner.pk,
            "username": "Owner Tester",
            "time": NOW_MS // 1000,
            "timeMs": NOW_MS,
            "msg": "Hello everyone!",
        }
    ]


def test_message_whose_transaction_fails_is_not_told(room, meeting, say, settings):
    with suppress(InterruptedError), transaction.atomic():
        say()
        raise InterruptedError

    assert (ChatMessage.objects.exists(), told(room, settings)) == (False, [])


def test_same_ref_of_the_same_person_says_it_once(owner, member, room, meeting, say, settings):
    rows = [say(ref="a"), say("Another", ref="a"), say(ref="a", by=member)]

    assert [row.seq for row in rows] == [1, 1, 2]
    assert [event["msg"] for event in told(room, settings)] == ["Hello", "Hello"]


def test_private_message_is_told_to_two_people_alone(owner, member, room, meeting, say, settings):
    row = say(to=member.pk)

    (event,) = told(room, settings, member.pk)
    assert (event["msg"], event["to"], row.seq) == ("Hello", member.pk, None)
    assert told(room, settings, owner.pk) == [event]
    assert told(room, settings) == []


def test_note_to_oneself_is_told_once(owner, room, meeting, say, settings):
    say(to=owner.pk)

    assert len(told(room, settings, owner.pk)) == 1


@pytest.mark.usefixtures("essential")
def test_plan_without_the_feature_has_plain_chat_alone(room, member, meeting, say, settings):
    say("Plain")
    for about in ({"file": f"{room.pk}_plan.txt"}, {"to": member.pk}):
        with pytest.raises(FeatureNotInPlan):
            say(**about)

    assert [event["msg"] for event in told(room, settings)] == ["Plain"]


def test_file_that_is_not_in_the_room_is_refused(room, meeting, say):
    with pytest.raises(RoomFileNotFound):
        say(file=f"{room.pk}_plan.txt")

    assert not ChatMessage.objects.exists()


@pytest.mark.usefixtures("_redis_away")
def test_message_waits_while_redis_is_away(meeting, say):
    row = say()

    assert (ChatMessage.objects.get().published_at, row.published_at) == (None, None)
    with pytest.raises(RedisError):
        chat.publish(message=row)


def test_message_that_a_killed_process_left_is_told(room, meeting, say, settings):
    row = say()
    Redis.from_url(settings.REDIS_URL).delete(key(room.pk, "log"), key(room.pk, "meta"))
    Redis.from_url(settings.REDIS_URL).delete(key(room.pk, f"ref:chat:{row.pk}"))
    ChatMessage.objects.update(published_at=None, seq=None)

    chat.publish_left()
    chat.publish_left()

    assert [event["msg"] for event in told(room, settings)] == ["Hello"]
    assert (ChatMessage.objects.get().seq, ChatMessage.objects.filter(published_at=None).exists()) == (1, False)


def test_message_that_was_told_is_told_once_however_often_it_is_tried(room, meeting, say, settings):
    row = say()

    chat.publish(message=row)

    assert (row.seq, len(told(room, settings))) == (1, 1)


def test_message_of_a_moment_ago_is_left_to_who_said_it(room, meeting, say):
    row = say(time_ms=round(timezone.now().timestamp() * 1000))
    ChatMessage.objects.update(published_at=None)

    chat.publish_left()

    row.refresh_from_db()
    assert row.published_at is None


def test_what_is_said_while_no_meeting_runs_is_sealed_by_the_room_and_forgotten_after_a_day(room, say):
    old, new = say("Old"), say("New", time_ms=round(timezone.now().timestamp() * 1000))

    chat.forget_stray()

    assert (old.sealed_by, [*ChatMessage.objects.values_list("pk", flat=True)]) == (room.pk, [new.pk])
    assert chat.past([Reader(room_id=room.pk, person=new.person, is_back=True)]) == [[]]


def test_chat_goes_with_its_meeting(owner, member, room, meeting, say, settings):
    say()
    say(to=member.pk)
    before = [len(told(room, settings, person)) for person in ("", owner.pk, member.pk)]

    actions.delete(meeting=meeting, by=owner)

    assert not ChatMessage.objects.exists()
    assert (before, [told(room, settings, person) for person in ("", owner.pk, member.pk)]) == ([1, 1, 1], [[], [], []])


def test_whoever_comes_hears_what_they_may(owner, member, stranger, room, meeting, say):
    say("To all")
    say("To the member", to=member.pk)

    heard = {who.pk: past(room, who, is_back=False) for who in (owner, member, stranger)}

    assert [texts(events) for events in heard.values()] == [["To all", "To the member"]] * 2 + [["To all"]]
    assert [event.route.id for event in heard[owner.pk]] == [*ChatMessage.objects.values_list("pk", flat=True)]
    assert {event.seq for event in heard[owner.pk]} == {0}


@pytest.mark.usefixtures("essential")
def test_plan_without_history_gives_back_what_one_was_there_for(owner, member, stranger, room, meeting, say):
    now_ms = round(timezone.now().timestamp() * 1000)
    say("Before", time_ms=now_ms - 5000)
    come(room, member)
    say("After", time_ms=now_ms + 5000)

    heard = [past(room, who, is_back=is_back) for who, is_back in ((member, True), (member, False), (stranger, True))]

    assert [texts(events) for events in heard] == [["After"], [], []]


def test_what_is_not_told_yet_is_not_given_as_past_since_it_will_be_heard(owner, room, meeting, say):
    say("Told")
    ChatMessage.objects.filter(pk=say("About to be told").pk).update(published_at=None)

    assert texts(past(room, owner, is_back=True)) == ["Told"]


def test_administrators_have_no_page_of_the_chat():
    assert not admin.site.is_registered(ChatMessage)


def test_old_chat_of_another_meeting_is_not_given(owner, room, meeting, say):
    say("Of the first")
    actions.end(meeting=meeting, by=owner)
    come(room, owner)

    assert past(room, owner, is_back=True) == []
    assert ChatMessage.objects.filter(said_at__lt=timezone.now() - timedelta(days=1)).exists()


def test_chat_of_several_rooms_is_read_in_as_many_queries_as_of_one(
    owner, member, stranger, room, meeting, say, django_assert_num_queries
):
    other = make_room(owner, name="Another")
    come(other, owner)
    for about in (
        {"msg": "To all"},
        {"msg": "To the member", "to": member.pk},
        {"msg": "Elsewhere", "room_id": other.pk},
    ):
        say(**about)
    ChatMessage.objects.update(published_at=timezone.now())
    comers = [(room.pk, member), (other.pk, member), (room.pk, stranger), (room.pk, member), (new_id(), member)]
    readers = [Reader(room_id=room_id, person=who.pk, is_back=False) for room_id, who in comers]

    with django_assert_num_queries(2):
        heard = chat.past(readers)

    to_member = ["To all", "To the member"]
    assert [texts(events) for events in heard] == [to_member, ["Elsewhere"], ["To all"], to_member, []]
