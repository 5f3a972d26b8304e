"""What is said in the chat of a room, and consent, over the code behind every socket."""

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisDown

from config.lib import keys
from config.lib.asgi import in_thread
from meetings.actions import chat
from meetings.models import ChatMessage, Consent, Meeting, Participant
from rooms.realtime import publishing
from tests.factories import make_room
from tests.rooms.conversation.conftest import comes, house, process  # noqa: F401 - fixtures

GUEST = "g_0123456789abcdef01234567"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def room(owner):
    return make_room(owner)


@pytest.fixture
def room_id(room):
    return room.pk


@pytest.fixture
def meeting(owner, room):
    started_at = timezone.now() - timedelta(minutes=1)
    meeting = Meeting.objects.create(title="Planning", host=owner, room=room, started_at=started_at)
    Participant.objects.create(meeting=meeting, user=owner, name="Owner Tester", position=0)
    keys.create(meeting.pk)
    return meeting


@pytest.fixture
async def host(comes, owner, meeting):  # noqa: F811 - fixtures
    return await comes(owner.pk, "host")


@pytest.fixture
async def guest(comes, host):  # noqa: F811 - fixtures
    return await comes(GUEST, through=1)


async def count(rows):
    return await in_thread(rows.count)


async def test_message_is_a_row_then_told_to_all_and_acknowledged_with_its_number(host, guest):
    answer = await host.asks("chat-box", msg="Good morning")
    seen = await guest.hears("chat-box")

    assert (answer["type"], answer["seq"]) == ("ack", seen["seq"])
    assert (seen["id"], seen["msg"]) == (host.person, "Good morning")
    assert await count(ChatMessage.objects.exclude(published_at=None)) == 1


async def test_private_message_reaches_its_person_and_the_sender(host, guest):
    answer = await host.asks("chat-box", msg="Between us", to=GUEST)
    seen = [await one.hears("chat-box") for one in (host, guest)]

    assert (answer["type"], "seq" in answer) == ("ack", False)
    assert [(event["msg"], event["to"], event["pseq"]) for event in seen] == [("Between us", GUEST, 1)] * 2


@pytest.mark.parametrize(
    ("said", "code"), [({}, "bad_payload"), ({"msg": ""}, "bad_payload"), ({"msg": "a", "to": "x"}, "not_in_room")]
)
async def test_empty_message_and_one_to_nobody_are_refused(host, said, code):
    answer = await host.asks("chat-box", **said)

    assert (answer["type"], answer["code"]) == ("error", code)
    assert await count(ChatMessage.objects) == 0


async def test_message_waits_for_redis_before_it_is_acknowledged(host, guest, monkeypatch):
    say, tries = publishing.publish, []

    def fail_twice(*args):
        tries.append(args)
        if len(tries) <= 2:
            raise RedisDown
        return say(*args)

    monkeypatch.setattr(chat.publishing, "publish", fail_twice)

    answer = await asyncio.wait_for(host.asks("chat-box", msg="At last"), 10)
    seen = await guest.hears("chat-box")

    assert (answer["type"], seen["msg"], len(tries)) == ("ack", "At last", 3)


async def test_consent_is_noted_for_the_meeting(host, owner):
    answer = await host.asks("consent", take_part=False)

    assert answer["type"] == "ack"
    assert await count(Consent.objects.filter(user=owner, take_part=False)) == 1
