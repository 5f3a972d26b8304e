"""What the apps say of rooms, put together."""

import msgspec
import pytest
from django.utils import timezone

from config.lib.asgi import in_thread
from config.lib.ids import new_id
from config.realtime import house
from meetings.actions import chat, coming
from meetings.actions.coming import Comer
from rooms.enums import RoomRole
from rooms.tokens import RoomClaims
from tests.factories import make_room
from transcripts.actions import live
from transcripts.actions.live import SpokenLine

pytestmark = pytest.mark.django_db(transaction=True)


def talk(owner):
    """Have the owner come into a room, say something, speak, and say something again; give who they are there."""
    room = make_room(owner)
    coming.arrive([Comer(room_id=room.pk, seat=new_id(), person=owner.pk, name="Owner")])
    who = {"room_id": room.pk, "person": owner.pk, "name": "Owner", "time_ms": round(timezone.now().timestamp() * 1000)}
    chat.post_message(body=chat.Body("first"), **who)
    live.say_line(line=SpokenLine(text="second"), **who)
    chat.post_message(body=chat.Body("third"), **who)
    return RoomClaims(owner.pk, "Owner", room.pk, RoomRole.HOST, new_id())


@pytest.mark.parametrize(("is_back", "heard"), [(True, ["first", "second", "third"]), (False, ["first", "third"])])
async def test_who_is_back_hears_chat_and_captions_in_one_order(owner, is_back, heard):
    claims = await in_thread(talk, owner)

    events = await house.past(claims, None, is_back=is_back)

    assert [msgspec.json.decode(event.body)["msg"] for event in events] == heard
