"""A room with people in every role, and the ways in which they ask."""

import re

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from rooms.enums import RoomRole
from rooms.models import Room, RoomMember
from tests.factories import make_room, make_user


@pytest.fixture
def cohost(db) -> User:
    return make_user("cohost")


@pytest.fixture
def room(owner, cohost, member) -> Room:
    """A public room: the owner, a co-host, and a participant."""
    room = make_room(owner)
    RoomMember.objects.create(room=room, user=cohost, role=RoomRole.COHOST)
    RoomMember.objects.create(room=room, user=member, role=RoomRole.PARTICIPANT)
    return room


@pytest.fixture
def private_room(owner) -> Room:
    return make_room(owner, name="Interviews", is_private=True)


@pytest.fixture
def ask(request):
    """Call as somebody, who is named by a fixture; nobody by None. Give status and body."""

    def ask(who: str | None, method: str, path: str, body=None):
        client = APIClient()
        if who:
            client.force_authenticate(request.getfixturevalue(who))
        answer = getattr(client, method.lower())(path, body, format="json")
        return answer.status_code, answer.json() if answer.content else None

    return ask


@pytest.fixture
def as_(request):
    """Come with the page session of somebody, who is named by a fixture; nobody by None."""

    def as_(who: str | None) -> Client:
        client = Client(headers={"Accept": "text/html"})
        if who:
            client.force_login(request.getfixturevalue(who))
        return client

    return as_


@pytest.fixture
def page(room) -> str:
    return f"/app/rooms/{room.pk}"


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))
