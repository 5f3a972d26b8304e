"""The links that let invited people without an account into the room."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from meetings import actions
from rooms.enums import RoomType
from rooms.models import GuestInvite, Room
from rooms.secrets import digest_of
from tests.factories import make_user
from tests.meetings.invitations.reading import secret_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("kind", "role"), [(RoomType.MEETING, "participant"), (RoomType.WEBINAR, "viewer")])
def test_guest_gets_a_link_that_lets_them_in(make, posted, owner, kind, role):
    make_user("anna")
    room = Room.objects.create(name="Planning", owner=owner, type=kind, is_private=True)
    starts_at = timezone.now() + timedelta(days=30)
    make(room=room, plan={"starts_at": starts_at}, invited=["anna@example.com", "guest@example.com"])

    to_anna, to_guest = posted()

    assert f"http://127.0.0.1:8000/r/{room.pk}\n" in to_anna.body
    invite = GuestInvite.objects.get()
    assert invite.secret_hash == digest_of(secret_in(to_guest))
    assert (invite.room, invite.role, invite.created_by) == (room, role, owner)
    assert invite.expires_at == starts_at + timedelta(days=1)


@pytest.mark.parametrize(
    ("starts_at", "days"),
    [
        (None, 7),
        (datetime(1, 1, 1, tzinfo=UTC), 1),
        (datetime.max.replace(tzinfo=UTC), 366),
    ],
)
def test_guest_may_come_as_long_as_invitations_last(make, posted, owner, starts_at, days):
    room = Room.objects.create(name="Planning", owner=owner)
    make(room=room, plan={"starts_at": starts_at, "time_zone": "Asia/Tokyo"})

    assert len(posted()) == 1

    left = GuestInvite.objects.get().expires_at - timezone.now()
    assert abs(left - timedelta(days=days)) < timedelta(minutes=1)


def test_link_of_a_guest_is_worthless_after_a_change_a_removal_and_the_end(make, posted, owner):
    room = Room.objects.create(name="Planning", owner=owner)
    invited = ["a@example.com", "b@example.com"]
    meeting = make(room=room, invited=invited)
    secrets = {secret_in(message) for message in posted()}

    actions.update(meeting=meeting, changes={"title": "Other"}, by=owner)
    later = {secret_in(message) for message in posted()}
    open_after_change = set(GuestInvite.objects.open().values_list("secret_hash", flat=True))
    actions.update(meeting=meeting, changes={}, invited=invited[:1], by=owner)
    open_after_removal = GuestInvite.objects.open().count()
    actions.delete(meeting=meeting, by=owner)

    assert open_after_change == {digest_of(secret) for secret in later}
    assert not secrets & later
    assert (open_after_removal, GuestInvite.objects.open().count()) == (1, 0)


def test_only_who_hosts_the_room_lets_guests_in(make, posted, owner, stranger):
    room = Room.objects.create(name="Planning", owner=owner)
    meeting = make(room=room)
    posted()
    Room.objects.filter(pk=room.pk).update(owner=stranger)

    actions.update(meeting=meeting, changes={"title": "Other"}, by=owner)

    assert [secret_in(message) for message in posted()] == [""]
    assert not GuestInvite.objects.open().exists()
