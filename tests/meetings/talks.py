"""A meeting that runs in a room over two processes, with its host and a guest who talk there."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config.lib import keys
from meetings.models import Meeting, Participant
from tests.factories import make_room
from tests.rooms.conversation.conftest import comes, house, process

__all__ = ["GUEST", "comes", "guest", "host", "house", "meeting", "process", "room", "room_id"]

GUEST = "g_0123456789abcdef01234567"


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
async def host(comes, owner, meeting):
    return await comes(owner.pk, "host")


@pytest.fixture
async def guest(comes, host):
    return await comes(GUEST, through=1)
