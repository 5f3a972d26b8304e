"""Rights: what a query finds is what a rule says, for everybody and every right."""

import pytest
from django.contrib.auth.models import AnonymousUser

from meetings import rules
from meetings.enums import ALL_RIGHTS, COHOST_RIGHTS
from meetings.models import AccessGrant, Meeting

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
