"""A meeting that is to come in a room, and everybody who may or may not come near it."""

import pytest

from accounts.models import User
from config.lib import work
from meetings import actions
from meetings.invitations.actions import send
from meetings.models import AccessGrant, InvitationMail, Meeting, Participant
from rooms.enums import RoomRole
from rooms.models import Room, RoomMember
from tests.factories import make_user

# Who has something to do with the meeting; beside them there are `stranger` and `administrator`.
PEOPLE = ("host", "cohost", "participant", "invited", "granted")


@pytest.fixture
def room(owner) -> Room:
    room = Room.objects.create(name="Planning", owner=owner)
    for name, role in (("cohost", RoomRole.COHOST), ("roommate", RoomRole.PARTICIPANT)):
        RoomMember.objects.create(room=room, user=make_user(name), role=role)
    return room


@pytest.fixture
def meeting(owner, room) -> Meeting:
    """Hosted by `owner`; `granted` was given the right to view it."""
    make_user("invited")
    meeting = actions.create(
        title="Weekly planning",
        host=owner,
        transcript_enabled=True,
        by=owner,
        room=room,
        invited=["invited@example.com"],
    )
    Participant.objects.create(meeting=meeting, user=make_user("participant"), name="Participant", position=0)
    granted = make_user("granted")
    AccessGrant.objects.create(meeting=meeting, user=granted, email=granted.email, rights=["view"], granted_by=owner)
    return meeting


@pytest.fixture
def person(request):
    """Find anybody by name; the host is the owner of the room."""

    def find(name: str) -> User:
        return request.getfixturevalue({"host": "owner", "administrator": "administrator"}.get(name, name))

    def known(name: str) -> User:
        return User.objects.filter(username=name).first() or find(name)

    return known


@pytest.fixture
def post_all():
    """Send the mails that are due, as a worker does."""

    def run() -> None:
        for unit in InvitationMail.objects.filter(state="queued").order_by("sequence", "pk"):
            work.run(InvitationMail, unit.pk, send)

    return run
