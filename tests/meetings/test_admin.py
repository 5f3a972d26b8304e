"""Sessions in the operators' panel."""

from datetime import UTC, datetime

import pytest

from tests.factories import make_session

pytestmark = pytest.mark.django_db

SESSIONS = "/admin/meetings/session/"


def test_sessions_are_seen_and_not_changed(client, administrator, owner):
    session = make_session(owner, datetime(2025, 10, 12, tzinfo=UTC), city="Lahore", people=["g_1"])
    client.force_login(administrator)

    listed = client.get(SESSIONS, {"q": owner.email})
    shown = client.get(f"{SESSIONS}{session.pk}/change/")
    refused = [client.get(f"{SESSIONS}add/"), client.post(f"{SESSIONS}{session.pk}/change/", {"city": "Karachi"})]

    assert (session.pk in listed.text, "Lahore" in listed.text, "Lahore" in shown.text) == (True, True, True)
    assert [answer.status_code for answer in refused] == [403, 403]
