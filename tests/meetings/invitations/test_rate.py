"""How many mails somebody may have sent."""

import pytest

from accounts.enums import Outcome
from accounts.models import AuditEvent
from meetings.invitations.actions import emails_of
from meetings.models import InvitationMail, Meeting
from tests.factories import make_meeting

pytestmark = pytest.mark.django_db


@pytest.fixture
def update(api, owner):
    def send(meeting, **changes) -> int:
        api.force_authenticate(owner)
        return api.post(f"/meetings/update/{meeting.pk}", changes, format="json").status_code

    return send


@pytest.fixture
def mails(settings):
    """Set how many mails a user may have sent in an hour."""

    def set_rate(count):
        settings.RATES = {**settings.RATES, "RATE_INVITE": f"{count}/h"}

    return set_rate


def addresses(count):
    return [f"{number}@example.com" for number in range(count)]


def test_each_mail_is_counted(make, update, owner, mails):
    mails(6)
    meeting = make(invited=addresses(3))

    # One comes, one goes; nothing is new to the two others, and the host gets no mail.
    changed = update(meeting, invited=[*addresses(2), "ben@example.com", owner.email])
    refused = [update(meeting, title="Other"), update(meeting, invited=addresses(3))]

    meeting.refresh_from_db()
    assert (changed, refused, meeting.title) == (204, [429, 429], "Weekly planning")
    assert (InvitationMail.objects.count(), len(emails_of(meeting))) == (5, 3)
    row = AuditEvent.objects.get(outcome=Outcome.LIMITED)
    assert (row.user_id, row.resource["rate"]) == (owner.pk, "RATE_INVITE")


def test_change_is_counted_once_for_each_who_is_told(make, update, mails):
    mails(4)
    meeting = make(invited=addresses(2))

    assert [update(meeting, title=title) for title in ("Second", "Third")] == [204, 429]


def test_meeting_that_would_send_too_many_mails_is_not_made(api, owner, mails):
    mails(2)
    api.force_authenticate(owner)
    body = {"title": "Planning", "hostId": owner.pk, "transcriptEnabled": True, "invited": addresses(3)}

    answer = api.post("/meetings/create", body, format="json")

    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert (Meeting.objects.count(), InvitationMail.objects.count()) == (0, 0)


def test_what_sends_no_mail_is_not_counted(make, update, owner, mails):
    mails(1)
    meeting = make()
    over = make_meeting(owner)

    allowed = [
        update(meeting, title="Weekly planning", invited=["anna@example.com"]),
        update(meeting, transcriptEnabled=False),
        update(over, title="Over"),
    ]

    assert allowed == [204, 204, 204]
    assert update(meeting, invited=[]) == 429
