"""What the database says of people who come into a room with a token, and of those who sit there."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.enums import EndReason
from accounts.models import LoginSession
from accounts.sessions import STORED_LENGTH, bound_to
from config.lib.ids import new_id
from rooms.actions import arriving
from rooms.actions.arriving import Comer
from rooms.enums import RoomRole
from rooms.exceptions import BadRoomToken, Removed, RoomLocked, RoomNotFound
from rooms.models import GuestInvite, LobbyTicket, Room, RoomMember, Ruling
from rooms.realtime.standing import Standing
from rooms.tokens import RoomClaims, new_guest

SIGNED_OUT = Standing(close=4401, reason="signed_out")
REMOVED = Standing(close=4403, reason="removed")


@pytest.fixture
def room(owner, member):
    room = Room.objects.create(name="Room", owner=owner, max_participants=5)
    RoomMember.objects.create(room=room, user=member, role=RoomRole.PARTICIPANT)
    return room


@pytest.fixture
def page():
    row = Session.objects.create(session_key="k" * STORED_LENGTH, session_data=SESSION_KEY, expire_date=timezone.now())
    return row.session_key


def claims_of(person, room, role=RoomRole.HOST, **claims):
    return RoomClaims(person.pk, person.full_name, room.pk, role, new_id(), **claims)


def waits(room, name, *, is_admitted=None):
    invite = GuestInvite.objects.create(room=room, secret_hash=new_id(), expires_at=timezone.now() + timedelta(hours=1))
    ticket = LobbyTicket.objects.create(
        **{"room": room, "invite": invite, "secret_hash": new_id()},
        **{"person": new_guest(), "name": name, "is_admitted": is_admitted},
    )
    return {"ticket": ticket.pk, "username": name}


def standing(claims):
    return arriving.standings([claims])[claims.seat]


def arrival(claims, *, is_seated=False):
    return arriving.arrive([Comer(claims=claims, is_seated=is_seated)])[0]


def test_role_is_the_lower_one_of_membership_and_token(room, owner, member):
    roles = [
        standing(claims_of(person, room, role)).role
        for person, role in [(owner, RoomRole.HOST), (owner, RoomRole.VIEWER), (member, RoomRole.HOST)]
    ]

    assert roles == ["host", "viewer", "participant"]


def test_what_hosts_decided_goes_above_both(room, member):
    Ruling.objects.create(room=room, person=member.pk, role=RoomRole.PRESENTER)

    assert standing(claims_of(member, room, RoomRole.VIEWER)) == Standing(role="presenter")


def test_guest_is_what_their_token_says_until_they_are_put_out(room):
    guest = RoomClaims(new_guest(), "Guest", room.pk, RoomRole.VIEWER, new_id())

    before = standing(guest)
    Ruling.objects.create(room=room, person=guest.person, is_removed=True)

    assert (before, standing(guest)) == (Standing(role="viewer"), REMOVED)


def test_whoever_is_no_member_any_more_has_to_go(room, member):
    claims = claims_of(member, room)
    RoomMember.objects.all().delete()

    assert standing(claims) == REMOVED


def test_disabled_account_and_one_that_became_an_administrators_have_to_go(room, member):
    claims = claims_of(member, room)

    found = []
    for change in ({"is_active": False}, {"is_active": True, "is_staff": True}):
        type(member).objects.filter(pk=member.pk).update(**change)
        found.append(standing(claims))

    assert found == [SIGNED_OUT, SIGNED_OUT]


def test_ended_sign_in_ends_the_seat(room, member):
    session = LoginSession.objects.create(user=member)
    claims = claims_of(member, room, session_id=session.pk)

    before = standing(claims)
    LoginSession.objects.end(EndReason.SIGNED_OUT)

    assert (before.role, standing(claims)) == ("participant", SIGNED_OUT)


def test_page_that_was_signed_out_or_whose_password_changed_ends_the_seat(room, member, page):
    claims = claims_of(member, room, page=page, bound_to=bound_to(member))

    before = standing(claims)
    member.set_password("another long one 7")
    member.save()
    changed = standing(claims)
    again = replace(claims, bound_to=bound_to(member))
    Session.objects.all().delete()

    assert (before.role, changed, standing(again)) == ("participant", SIGNED_OUT, SIGNED_OUT)


def test_deleted_room_has_no_seats(room, member):
    claims = claims_of(member, room)
    room.delete()

    assert standing(claims) == Standing(close=4404, reason="room_deleted")


def test_host_who_comes_sees_who_waits_and_is_held_to_no_number(room, owner, member):
    host, guest = arrival(claims_of(owner, room)), arrival(claims_of(member, room))

    assert (host.role, host.limit, host.facts) == ("host", None, {"lobby": []})
    assert (guest.role, guest.limit, guest.facts) == ("participant", 5, {})
    assert guest.features == frozenset(owner.features)


def test_locked_room_takes_hosts_and_those_who_sit_there(room, owner, member):
    Room.objects.update(is_locked=True)

    told = [
        arrival(claims_of(owner, room)),
        arrival(claims_of(member, room), is_seated=True),
        arrival(claims_of(member, room)),
    ]

    assert [getattr(answer, "role", type(answer)) for answer in told] == ["host", "participant", RoomLocked]


def test_why_somebody_is_not_let_in_is_told_apart(room, owner, member, stranger):
    signed_out = claims_of(member, room, session_id=new_id())
    elsewhere = replace(claims_of(owner, room), room_id=new_id())

    told = [arrival(claims) for claims in (claims_of(stranger, room), signed_out, elsewhere)]

    assert [type(answer) for answer in told] == [Removed, BadRoomToken, RoomNotFound]


def test_hosts_of_several_rooms_see_who_waits_before_their_own(room, owner):
    other, quiet = (Room.objects.create(name="Other", owner=owner, max_participants=5) for _ in range(2))
    waiting = [waits(one, name) for one, name in [(room, "One"), (other, "Two"), (room, "Three")]]
    waits(room, "Let in", is_admitted=True)

    told = arriving.arrive([Comer(claims=claims_of(owner, one), is_seated=False) for one in (room, other, quiet)])

    one, two, three = waiting
    assert [arrived.facts["lobby"] for arrived in told] == [[one, three], [two], []]


def test_however_many_come_the_queries_are_few(room, owner, member, django_assert_num_queries):
    other = Room.objects.create(name="Other", owner=owner, max_participants=5)
    people = [(owner, room), (member, room), (owner, other)]
    comers = [Comer(claims=claims_of(person, of), is_seated=False) for person, of in people * 20]

    with django_assert_num_queries(5):
        arriving.arrive(comers)
