"""Who gets which mail when."""

from datetime import timedelta

import pytest

from meetings import actions
from meetings.invitations.actions import MAX_INVITED, emails_of
from meetings.models import Invitation, InvitationMail
from tests.meetings.invitations.reading import STARTS, event_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Other planning"},
        {"starts_at": STARTS + timedelta(days=1)},
        {"duration_minutes": 15},
        {"time_zone": "Asia/Tokyo"},
    ],
)
def test_change_is_told_with_a_higher_sequence(make, posted, owner, changes):
    meeting = make()
    posted()

    told = []
    for change in (changes, changes, {"title": "Last title"}):
        actions.update(meeting=meeting, changes=change, by=owner)
        told += posted()

    assert [message.subject.partition(":")[0] for message in told] == ["Changed", "Changed"]
    assert [event_of(message)[1]["SEQUENCE"] for message in told] == [1, 2]
    assert {event_of(message)[1]["UID"] for message in told} == {f"{meeting.pk}@tertulia"}
    assert event_of(told[1])[1]["SUMMARY"] == "Last title"


def test_what_does_not_concern_the_invited_is_not_told(make, posted, owner):
    meeting = make()
    posted()

    actions.update(meeting=meeting, changes={"transcript_enabled": False}, recording_id="one", by=owner)

    assert posted() == []


def test_change_of_what_is_over_is_not_told(make, posted, owner):
    meeting = make()
    posted()
    actions.end(meeting=meeting, by=owner)

    actions.update(meeting=meeting, changes={"title": "Other"}, by=owner)
    actions.delete(meeting=meeting, by=owner)

    assert posted() == []


def test_people_come_and_go_and_come_back(make, posted, owner):
    meeting = make()
    posted()
    steps = [["anna@example.com", "ben@example.com"], ["ben@example.com"], ["ben@example.com", "Anna@example.com"]]

    told = []
    for invited in steps:
        actions.update(meeting=meeting, changes={}, invited=invited, by=owner)
        told += [
            (message.to[0], message.subject, method, event["STATUS"], event["SEQUENCE"])
            for message in posted()
            for method, event in [event_of(message)]
        ]

    assert told == [
        ("ben@example.com", "Invitation: Weekly planning", "REQUEST", "CONFIRMED", 1),
        ("anna@example.com", "No longer invited: Weekly planning", "CANCEL", "CANCELLED", 2),
        ("anna@example.com", "Invitation: Weekly planning", "REQUEST", "CONFIRMED", 3),
    ]
    assert emails_of(meeting) == ["anna@example.com", "ben@example.com"]


def test_deletion_calls_the_meeting_off(make, posted, owner):
    meeting = make(invited=["anna@example.com", "ben@example.com"])
    posted()

    actions.delete(meeting=meeting, by=owner)

    told = posted()
    assert [(message.to[0], message.subject) for message in told] == [
        ("anna@example.com", "Called off: Weekly planning"),
        ("ben@example.com", "Called off: Weekly planning"),
    ]
    assert "open this link" not in told[0].body
    method, event = event_of(told[0])
    assert (method, event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    assert event["UID"] == f"{meeting.pk}@tertulia"
    assert not Invitation.objects.exists()


def test_mail_that_a_later_one_made_void_is_not_sent(make, posted, owner):
    meeting = make()
    actions.update(meeting=meeting, changes={"title": "Other planning"}, by=owner)

    told = posted()

    assert [message.subject for message in told] == ["Changed: Other planning"]
    assert set(InvitationMail.objects.values_list("state", flat=True)) == {"done"}


def test_meeting_that_is_not_made_invites_nobody(owner, settings):
    settings.KEYS_DIR.write_text("no folder")

    with pytest.raises(OSError, match="keys"):
        actions.create(title="Planning", host=owner, transcript_enabled=True, by=owner, invited=["a@example.com"])

    assert not InvitationMail.objects.exists()


def test_everybody_may_be_invited_who_fits(make):
    make(invited=[f"{number}@example.com" for number in range(MAX_INVITED)])

    assert InvitationMail.objects.count() == MAX_INVITED
