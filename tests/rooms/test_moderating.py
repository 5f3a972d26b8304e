"""What hosts decide while a meeting runs, and who may decide it over whom."""

import pytest

from accounts.models import AuditEvent
from config.lib.errors import NotAllowed
from rooms.actions import moderating
from rooms.enums import RoomRole
from rooms.exceptions import RoleNotHeld, RoomNotFound, TicketNotFound
from rooms.models import GuestInvite, LobbyTicket, Room, RoomMember, Ruling
from rooms.secrets import digest_of
from rooms.tokens import new_guest

COHOST, PRESENTER, VIEWER = RoomRole.COHOST, RoomRole.PRESENTER, RoomRole.VIEWER


@pytest.fixture
def room(owner, member):
    room = Room.objects.create(name="Room", owner=owner)
    RoomMember.objects.create(room=room, user=member, role=RoomRole.PARTICIPANT)
    return room


@pytest.fixture
def waiting(room, owner):
    invite = GuestInvite.objects.create(
        room=room, secret_hash=digest_of("i"), role=VIEWER, created_by=owner, expires_at="2100-01-01T00:00Z"
    )
    names = ("One", "Two")
    return [
        LobbyTicket.objects.create(
            room=room, secret_hash=digest_of(name), invite=invite, person=new_guest(), name=name
        ).pk
        for name in names
    ]


def rulings():
    return {ruling.person: (ruling.role, ruling.is_removed) for ruling in Ruling.objects.all()}


def test_room_is_locked_and_opened_again(room, owner):
    moderating.lock(room_id=room.pk, is_locked=True, person=owner.pk)
    locked = Room.objects.get().is_locked
    moderating.lock(room_id=room.pk, is_locked=False, person=owner.pk)

    assert (locked, Room.objects.get().is_locked) == (True, False)
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True)) == ["LOCK-ROOM", "UNLOCK-ROOM"]


def test_role_is_changed_as_often_as_one_likes(room, owner, member):
    for role in (PRESENTER, VIEWER):
        moderating.change_role(room_id=room.pk, whom=member.pk, role=role, person=owner.pk)

    assert rulings() == {member.pk: ("viewer", False)}


def test_removed_person_is_noted_with_what_they_were(room, owner, member):
    moderating.change_role(room_id=room.pk, whom=member.pk, role=PRESENTER, person=owner.pk)

    moderating.remove(room_id=room.pk, whom=member.pk, person=owner.pk)

    assert rulings() == {member.pk: ("presenter", True)}


def test_guest_becomes_a_presenter_at_most(room, owner):
    guest = new_guest()

    moderating.change_role(room_id=room.pk, whom=guest, role=PRESENTER, person=owner.pk)
    with pytest.raises(RoleNotHeld):
        moderating.change_role(room_id=room.pk, whom=guest, role=COHOST, person=owner.pk)

    assert rulings() == {guest: ("presenter", False)}


def test_whoever_was_made_a_cohost_moderates_those_below(room, owner, member, stranger):
    RoomMember.objects.create(room=room, user=stranger, role=VIEWER)
    moderating.change_role(room_id=room.pk, whom=member.pk, role=COHOST, person=owner.pk)

    moderating.change_role(room_id=room.pk, whom=stranger.pk, role=PRESENTER, person=member.pk)
    for whom, role in [(owner.pk, VIEWER), (stranger.pk, COHOST)]:
        with pytest.raises(RoleNotHeld):
            moderating.change_role(room_id=room.pk, whom=whom, role=role, person=member.pk)

    assert rulings() == {member.pk: ("cohost", False), stranger.pk: ("presenter", False)}


@pytest.mark.parametrize("act", ["lock", "change_role", "remove", "decide"])
def test_whoever_is_no_host_decides_nothing(room, owner, member, act):
    about = {
        "lock": {"is_locked": True},
        "change_role": {"whom": owner.pk, "role": VIEWER},
        "remove": {"whom": owner.pk},
        "decide": {"ticket": "all", "admit": True},
    }

    with pytest.raises(NotAllowed):
        getattr(moderating, act)(room_id=room.pk, person=member.pk, **about[act])

    assert (rulings(), Room.objects.get().is_locked) == ({}, False)


def test_room_that_is_gone_takes_no_decision(room, owner):
    room.delete()

    with pytest.raises(RoomNotFound):
        moderating.lock(room_id=room.pk, is_locked=True, person=owner.pk)


@pytest.mark.parametrize("admit", [True, False])
def test_one_is_decided_on_or_all(room, owner, waiting, admit):
    moderating.decide(room_id=room.pk, ticket=waiting[0], admit=not admit, person=owner.pk)
    with pytest.raises(TicketNotFound):
        moderating.decide(room_id=room.pk, ticket="nobody's", admit=admit, person=owner.pk)

    moderating.decide(room_id=room.pk, ticket="all", admit=admit, person=owner.pk)

    decided = dict(LobbyTicket.objects.values_list("pk", "is_admitted"))
    assert decided == {waiting[0]: not admit, waiting[1]: admit}


def test_with_the_meeting_all_of_it_is_forgotten(room, owner, member):
    moderating.lock(room_id=room.pk, is_locked=True, person=owner.pk)
    moderating.remove(room_id=room.pk, whom=member.pk, person=owner.pk)

    moderating.forget(room=room)

    assert (rulings(), Room.objects.get().is_locked) == ({}, False)
