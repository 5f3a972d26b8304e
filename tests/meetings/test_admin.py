"""Sessions in the operators' panel."""

from datetime import UTC, datetime

import pytest

from meetings.models import Meeting
from tests.factories import make_meeting, make_session

pytestmark = pytest.mark.django_db

SESSIONS = "/admin/meetings/session/"


def test_length_is_of_meetings_that_are_over(client, administrator, owner):
    make_meeting(owner, minutes=2)
    Meeting.objects.create(title="Budget", host=owner)
    client.force_login(administrator)

    listed = client.get("/admin/meetings/meeting/").text

    assert ("2 min" in listed, "0 min" in listed) == (True, False)


def test_sessions_are_seen_and_not_changed(client, administrator, owner):
    session = make_session(owner, datetime(2025, 10, 12, tzinfo=UTC), city="Lahore", people=["g_1"])
    client.force_login(administrator)

    listed = client.get(SESSIONS, {"q": owner.email})
    shown = client.get(f"{SESSIONS}{session.pk}/change/")
    refused = [client.get(f"{SESSIONS}add/"), client.post(f"{SESSIONS}{session.pk}/change/", {"city": "Karachi"})]

    assert (session.pk in listed.text, "Lahore" in listed.text, "Lahore" in shown.text) == (True, True, True)
    assert [answer.status_code for answer in refused] == [403, 403]
