"""What a webhook's owner may no longer see is neither sent nor shown, though it was told once."""

import html

import pytest
from django.core import mail

from config.lib.work import WorkState
from integrations.webhooks import actions
from integrations.webhooks.exceptions import NoLongerHeard
from integrations.webhooks.models import WebhookDelivery, WebhookEvent
from meetings import actions as meetings_actions
from meetings.enums import Right
from meetings.models import AccessGrant
from tests.factories import make_meeting
from tests.integrations.conftest import run, subscribe, tell

pytestmark = pytest.mark.django_db

TITLE = "Canary of the board"
SAID = "The owner of the webhook can no longer see the meeting of this event."


@pytest.fixture
def meeting(owner, member):
    """A meeting of the owner's, which the member may view for now."""
    meeting = make_meeting(owner, title=TITLE)
    AccessGrant.objects.create(meeting=meeting, user=member, rights=[Right.VIEW])
    return meeting


@pytest.fixture
def webhook(member, receiver):
    return subscribe(member, url=receiver.url)


@pytest.fixture(params=["closed", "deleted"])
def lose(request, meeting, owner):
    """Take the meeting from the member, in one of two ways."""
    if request.param == "closed":
        return lambda: AccessGrant.objects.all().delete()
    return lambda: meetings_actions.delete(meeting=meeting, by=owner)


def told(meeting) -> WebhookDelivery:
    tell(meeting)
    return WebhookDelivery.objects.order_by("-pk").first()


def test_waiting_event_is_given_up_and_nobody_mailed(
    webhook, receiver, meeting, lose, django_capture_on_commit_callbacks
):
    waiting = told(meeting)
    lose()

    with django_capture_on_commit_callbacks(execute=True):
        run(waiting)

    assert (waiting.state, waiting.error_code, waiting.error_message) == (WorkState.PARKED, "no_longer_heard", SAID)
    assert (receiver.received, mail.outbox) == ([], [])


def test_delivered_event_is_not_sent_again(api, webhook, receiver, member, meeting, lose):
    sent = run(told(meeting))
    lose()
    api.force_authenticate(member)

    answer = api.post(f"/webhooks/{webhook.pk}/deliveries/{sent.pk}/replay")

    assert (answer.status_code, answer.json()["code"], answer.json()["message"]) == (409, "no_longer_heard", SAID)
    assert WebhookDelivery.objects.get() == sent


def test_operator_does_not_send_it_again_either(webhook, administrator, meeting, lose):
    sent = run(told(meeting))
    lose()

    with pytest.raises(NoLongerHeard):
        actions.replay(delivery=sent, by=administrator)

    assert WebhookDelivery.objects.get() == sent


def test_event_after_which_a_right_came_back_is_sent(webhook, receiver, member, meeting):
    waiting = told(meeting)
    AccessGrant.objects.all().delete()
    run(waiting)
    AccessGrant.objects.create(meeting=meeting, user=member, rights=[Right.VIEW])

    again = run(actions.replay(delivery=waiting, by=member))

    assert (again.state, len(receiver.received)) == (WorkState.DONE, 1)


def test_log_shows_that_it_was_and_not_what(api, webhook, member, meeting, lose):
    tell(meeting)
    tell(make_meeting(member, title="Own"))
    actions.ping(webhook=webhook, by=member)
    lose()
    api.force_authenticate(member)

    answer = api.get(f"/webhooks/{webhook.pk}/events")

    events = answer.json()["data"]["events"]
    assert [(event["sequence"], event["type"], event["data"].get("title")) for event in events] == [
        (1, "meeting.ended", None),
        (2, "meeting.ended", "Own"),
        (3, "ping", None),
    ]
    assert [events[0]["data"], events[2]["data"]] == [{}, {"requestedBy": member.pk}]
    assert TITLE not in answer.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_log_takes_as_many_queries_for_three_events_as_for_one(
    api, webhook, member, meeting, count, django_assert_num_queries
):
    for _ in range(count):
        tell(meeting)
    api.force_authenticate(member)

    with django_assert_num_queries(4):
        api.get(f"/webhooks/{webhook.pk}/events")


def test_page_says_why_it_was_not_sent(client, webhook, receiver, member, meeting, lose):
    receiver.status = 503
    waiting = run(told(meeting))
    lose()
    run(waiting)
    client.force_login(member)

    page = html.unescape(client.get(f"/app/webhooks/{webhook.pk}").content.decode())

    assert SAID in page
    assert "answered 503" not in page
    assert TITLE not in page


def test_nothing_that_was_told_of_a_deleted_meeting_is_stored(webhook, owner, meeting):
    other = make_meeting(owner, title="Kept")
    mine = subscribe(owner)
    for each in (meeting, other):
        tell(each)

    meetings_actions.delete(meeting=meeting, by=owner)

    assert TITLE not in str(list(WebhookEvent.objects.values()))
    assert [event.payload.get("title") for event in mine.log.order_by("sequence")] == [None, "Kept"]
    assert mine.log.get(sequence=1).payload == {"meetingId": meeting.pk}
