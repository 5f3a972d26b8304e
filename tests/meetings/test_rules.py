"""Rights: what a query finds is what a rule says, for everybody and every right."""

import pytest
from django.contrib.auth.models import AnonymousUser

from meetings import actions, rules
from meetings.enums import ALL_RIGHTS, COHOST_RIGHTS
from meetings.models import AccessGrant, Meeting
from rooms.actions import members
from rooms.enums import RoomRole
from rooms.models import Room, RoomMember
from tests.factories import make_user

pytestmark = pytest.mark.django_db

RIGHTS = {
    "host": set(ALL_RIGHTS),
    "cohost": set(COHOST_RIGHTS),
    "participant": {"view", "export"},
    "granted": {"view"},
    "invited": set(),
    "roommate": set(),
    "stranger": set(),
    "administrator": set(),
}
TAKE_PART = {"host", "cohost", "participant", "invited", "roommate"}


@pytest.mark.parametrize("who", RIGHTS)
def test_query_finds_what_the_rule_says(meeting, stranger, administrator, person, who):
    user = person(who)

    found = {right for right in ALL_RIGHTS if Meeting.objects.visible_to(user, right).exists()}

    assert found == rules.rights_of(user, meeting) == RIGHTS[who]
    assert Meeting.objects.known_to(user).exists() == (who not in ("stranger", "administrator"))


@pytest.mark.parametrize("who", RIGHTS)
def test_who_takes_part_and_who_manages(meeting, stranger, administrator, person, who):
    assert rules.is_participant(person(who), meeting) == (who in TAKE_PART)
    assert rules.is_manager(person(who), meeting) == (who in ("host", "cohost"))


@pytest.mark.parametrize("role", [RoomRole.HOST, RoomRole.COHOST, RoomRole.PRESENTER])
def test_hosts_of_the_room_manage_its_meetings_until_these_are_over(meeting, person, role):
    user = person("roommate")
    if role == RoomRole.HOST:
        Room.objects.update(owner=user)
    else:
        RoomMember.objects.filter(user=user).update(role=role)
    meeting.refresh_from_db()

    before = rules.is_manager(user, meeting)
    over = actions.end(meeting=meeting, by=None)

    assert (before, rules.is_manager(user, over)) == (role != RoomRole.PRESENTER, False)
    assert rules.rights_of(user, over) == frozenset()


def test_nobody_has_no_rights(meeting):
    nobody = AnonymousUser()

    assert rules.rights_of(nobody, meeting) == frozenset()
    assert not Meeting.objects.visible_to(nobody).exists()
    assert not Meeting.objects.known_to(nobody).exists()


def test_two_reasons_are_added_up(meeting, owner, person):
    AccessGrant.objects.create(meeting=meeting, user=person("cohost"), rights=["grant"], granted_by=owner)

    assert rules.rights_of(person("cohost"), meeting) == {*COHOST_RIGHTS, "grant"}
    assert Meeting.objects.visible_to(person("cohost")).count() == 1


def test_invitation_that_was_taken_back_tells_nothing(meeting, person):
    meeting.invitations.update(cancelled_at="2026-01-01T00:00Z")

    assert not Meeting.objects.known_to(person("invited")).exists()
    assert not rules.is_participant(person("invited"), meeting)


def test_invited_person_is_known_by_the_address_in_any_case(meeting, person):
    assert meeting.invitations.get().email == person("invited").email.lower()


def test_address_registered_after_the_invitation_proves_nothing(meeting, owner):
    actions.update(meeting=meeting, changes={}, by=owner, invited=["later@example.com"])

    later = make_user("later")

    assert not Meeting.objects.known_to(later).exists()
    assert not rules.is_participant(later, meeting)


def test_account_invited_anew_knows_of_the_meeting(meeting, owner):
    for invited in (["later@example.com"], []):
        actions.update(meeting=meeting, changes={}, by=owner, invited=invited)
    later = make_user("later")

    actions.update(meeting=meeting, changes={}, by=owner, invited=["later@example.com"])

    assert Meeting.objects.known_to(later).exists()


@pytest.mark.parametrize("who", RIGHTS)
@pytest.mark.parametrize("is_over", [False, True])
def test_who_speaks(meeting, stranger, administrator, person, who, is_over):
    if is_over:
        actions.end(meeting=meeting, by=None)
        meeting.refresh_from_db()

    heard = {"host", "cohost", "participant"} | (set() if is_over else {"invited", "roommate"})

    assert rules.can_speak(person(who), meeting) == (who in heard)


def test_who_only_watches_does_not_speak(meeting, person):
    RoomMember.objects.filter(user=person("roommate")).update(role=RoomRole.VIEWER)

    assert not rules.can_speak(person("roommate"), meeting)


def test_meeting_without_a_room_is_spoken_in_by_the_invited(meeting, person):
    Meeting.objects.update(room=None)
    meeting.refresh_from_db()

    assert rules.can_speak(person("invited"), meeting)
    assert not rules.can_speak(person("roommate"), meeting)


@pytest.mark.parametrize("is_dismissed", [False, True])
def test_cohost_of_the_room_no_more_is_none_of_its_meetings(meeting, owner, person, is_dismissed):
    cohost = person("cohost")
    RoomMember.objects.update_or_create(room=meeting.room, user=cohost, defaults={"role": RoomRole.COHOST})

    if is_dismissed:
        members.remove(room=meeting.room, user_id=cohost.pk, by=owner)
    else:
        lower = members.Appointment(RoomRole.VIEWER, cohost.pk)
        members.appoint(room=meeting.room, appointments=[lower], by=owner)

    assert not rules.is_manager(cohost, meeting)
    assert not rules.rights_of(cohost, meeting)


def test_cohost_of_the_room_stays_one_of_its_meetings(meeting, owner, person):
    same = members.Appointment(RoomRole.COHOST, person("cohost").pk)

    members.appoint(room=meeting.room, appointments=[same], by=owner)

    assert rules.is_manager(person("cohost"), meeting)
