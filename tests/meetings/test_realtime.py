"""What is said in the chat of a room, and consent, over the code behind every socket."""

import asyncio

import pytest
from redis.exceptions import ConnectionError as RedisDown

from config.lib.asgi import in_thread
from meetings.actions import chat
from meetings.models import ChatMessage, Consent
from rooms.realtime import publishing
from tests.meetings.talks import *  # noqa: F403 - fixtures
from tests.meetings.talks import GUEST

pytestmark = pytest.mark.django_db(transaction=True)


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
