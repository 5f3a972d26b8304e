"""`GET` and `PUT /meetings/:meetingId/consent`."""

import pytest

from accounts.models import AuditEvent
from meetings import rules
from meetings.models import Consent, Meeting

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["host", "cohost", "participant", "invited", "roommate"])
def test_who_takes_part_decides_for_themselves(api, meeting, person, who):
    path, user = f"/meetings/{meeting.pk}/consent", person(who)
    api.force_authenticate(user)

    first = api.get(path)
    changed = [api.put(path, {"take_part": take_part}, format="json") for take_part in (False, False)]
    last = api.get(path)

    assert first.json() == {
        "success": True,
        "data": {"take_part": True},
        "message": "Consent retrieved successfully",
    }
    assert [answer.json() for answer in changed] == [
        {"success": True, "data": {"take_part": False}, "message": "Consent updated successfully"}
    ] * 2
    assert last.json()["data"] == {"take_part": False}
    assert rules.takes_part(user, meeting) is False
    assert Consent.objects.count() == 1
    told = AuditEvent.objects.filter(action="CONSENT").first()
    assert (told.user_id, told.resource) == (user.pk, {"meetingId": meeting.pk, "takePart": False})


@pytest.mark.parametrize(("who", "status"), [("granted", 403), ("stranger", 404), ("administrator", 403)])
def test_who_does_not_take_part_decides_nothing(api, stranger, administrator, meeting, person, who, status):
    path = f"/meetings/{meeting.pk}/consent"
    api.force_authenticate(person(who))

    answers = [api.get(path), api.put(path, {"take_part": True}, format="json")]

    assert [answer.status_code for answer in answers] == [status, status]


def test_member_of_the_room_has_no_part_in_what_is_over(api, meeting, person):
    Meeting.objects.filter(pk=meeting.pk).update(started_at="2026-01-01T00:00Z", ended_at="2026-01-01T01:00Z")
    api.force_authenticate(person("roommate"))

    assert api.get(f"/meetings/{meeting.pk}/consent").status_code == 404


def test_nobody_signed_in_is_refused(api, meeting):
    assert api.get(f"/meetings/{meeting.pk}/consent").status_code == 401


@pytest.mark.parametrize("body", [{}, {"take_part": "no"}, {"take_part": None}, []])
def test_answer_that_is_neither_yes_nor_no_is_refused(api, owner, meeting, body):
    api.force_authenticate(owner)

    answer = api.put(f"/meetings/{meeting.pk}/consent", body, format="json")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
