"""What the database itself holds about rooms."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from rooms.enums import RoomRole, lower_of, roles_below
from rooms.models import GuestInvite, LobbyTicket, Room, RoomFile, RoomMember

pytestmark = pytest.mark.django_db


def refused(make) -> bool:
    try:
        with transaction.atomic():
            make()
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize("fields", [{"name": ""}, {"type": "party"}, {"max_participants": 0}])
def test_room_has_a_name_a_known_type_and_takes_somebody(owner, fields):
    assert refused(lambda: Room.objects.create(owner=owner, **{"name": "Planning", **fields}))


def test_member_is_one_once_and_never_the_host(room, member, stranger):
    assert refused(lambda: RoomMember.objects.create(room=room, user=member))
    assert refused(lambda: RoomMember.objects.create(room=room, user=stranger, role="host"))


def test_invitation_is_for_guests(room):
    later = timezone.now() + timedelta(days=1)

    assert refused(lambda: GuestInvite.objects.create(room=room, secret_hash="x", expires_at=later, role="cohost"))


def test_ticket_is_of_one_user_or_of_a_guest_with_an_invitation(room, member):
    later = timezone.now() + timedelta(days=1)
    invite = GuestInvite.objects.create(room=room, secret_hash="x", expires_at=later)
    LobbyTicket.objects.create(room=room, user=member, person=member.pk, name="M", secret_hash="a")

    for number, whose in enumerate(({}, {"user": member}, {"user": member, "invite": invite})):
        ticket = {"room": room, "person": "g_1", "name": "M", "secret_hash": str(number), **whose}
        assert refused(lambda ticket=ticket: LobbyTicket.objects.create(**ticket))


def test_name_of_a_file_is_there_once_in_a_room(room):
    fields = {"room": room, "name": b"x", "original_name": b"x", "name_token": "t", "size": 1, "content_type": "x"}
    RoomFile.objects.create(**fields, sha256="x")

    assert refused(lambda: RoomFile.objects.create(**fields, sha256="y"))


def test_rows_say_what_they_are_without_telling_what_is_in_them(room, member):
    invite = GuestInvite.objects.create(room=room, secret_hash="x", expires_at=timezone.now())
    ticket = LobbyTicket.objects.create(room=room, user=member, person=member.pk, name="M", secret_hash="a")
    row = RoomMember.objects.get(user=member)

    assert [str(invite), str(ticket), str(room)] == [invite.pk, ticket.pk, "Planning"]
    assert str(row) == f"{member.pk} in {room.pk}"
    assert str(RoomFile(id="0" * 24)) == "0" * 24


def test_roles_have_an_order():
    assert roles_below(RoomRole.COHOST) == [RoomRole.PRESENTER, RoomRole.PARTICIPANT, RoomRole.VIEWER]
    assert roles_below(RoomRole.VIEWER) == []
    assert lower_of(RoomRole.HOST, RoomRole.VIEWER) == lower_of(RoomRole.VIEWER, RoomRole.HOST) == RoomRole.VIEWER
