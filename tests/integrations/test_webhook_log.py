"""What is below `/webhooks/:id`: test events, the log, deliveries and sending again."""

import json

import pytest

from config.lib.times import iso
from config.lib.work import WorkState
from integrations.webhooks import actions
from integrations.webhooks.models import WebhookDelivery
from tests.factories import make_meeting
from tests.integrations.conftest import run, subscribe, tell
from tests.integrations.wire import audited, delivery_fields

pytestmark = pytest.mark.django_db


def test_test_event_is_queued(mine, owner):
    webhook = subscribe(owner)

    answer = mine.post(f"/webhooks/{webhook.pk}/test")

    delivery = WebhookDelivery.objects.get()
    assert (answer.status_code, answer.json()) == (202, {"success": True, "data": delivery_fields(delivery)})
    assert (delivery.event.type, delivery.event.payload) == ("ping", {"requestedBy": owner.pk})
    assert audited("TEST") == (owner.pk, {"webhookId": webhook.pk}, "127.0.0.1")


def test_webhook_that_is_off_is_not_tested(mine, owner):
    webhook = subscribe(owner)
    actions.update(webhook=webhook, values={"state": "paused"}, by=owner)

    answer = mine.post(f"/webhooks/{webhook.pk}/test")

    assert (answer.status_code, answer.json()["code"]) == (409, "webhook_not_active")
    assert not WebhookDelivery.objects.exists()


def test_receiver_fetches_what_it_missed(mine, owner):
    webhook, meeting = subscribe(owner), make_meeting(owner)
    for _ in range(4):
        tell(meeting)
    webhook.log.filter(sequence=1).delete()

    page = mine.get(f"/webhooks/{webhook.pk}/events?after=1&limit=2")

    second, third = webhook.log.filter(sequence__in=[2, 3]).order_by("sequence")
    assert page.json() == {
        "success": True,
        "data": {
            "oldestSequence": 2,
            "lastSequence": 4,
            "events": [{"id": event.pk, **json.loads(event.message.body)} for event in (second, third)],
        },
    }
    assert page["Link"] == f'<http://127.0.0.1:8000/webhooks/{webhook.pk}/events?after=3&limit=2>; rel="next"'
    rest = mine.get(f"/webhooks/{webhook.pk}/events?after=3&limit=")
    assert [event["sequence"] for event in rest.json()["data"]["events"]] == [4]
    assert "Link" not in rest


def test_log_of_a_new_webhook_is_empty(mine, owner):
    webhook = subscribe(owner)

    answer = mine.get(f"/webhooks/{webhook.pk}/events")

    assert answer.json()["data"] == {"oldestSequence": None, "lastSequence": 0, "events": []}


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=201", f"after={2**63}"])
def test_log_after_something_that_is_no_number_is_refused(mine, owner, query):
    answer = mine.get(f"/webhooks/{subscribe(owner).pk}/events?{query}")

    assert (answer.status_code, answer.json()["errors"].keys()) == (400, {query.partition("=")[0]})


def test_deliveries_are_listed_newest_first(mine, owner, receiver):
    webhook = subscribe(owner, url=receiver.url)
    receiver.status = 503
    first = run(actions.ping(webhook=webhook, by=owner))
    second = actions.ping(webhook=webhook, by=owner)

    answer = mine.get(f"/webhooks/{webhook.pk}/deliveries")

    second.refresh_from_db()
    failed = delivery_fields(
        first,
        attempts=1,
        attemptedAt=iso(first.attempted_at),
        responseStatus=503,
        responseBytes=len(b"thank you"),
        durationMs=first.duration_ms,
        errorCode="rejected",
        errorMessage="The receiver answered 503.",
    )
    assert answer.json() == {"success": True, "data": [delivery_fields(second), failed]}


@pytest.mark.parametrize("count", [1, 3])
def test_deliveries_are_listed_in_two_queries(mine, owner, count, django_assert_num_queries):
    webhook = subscribe(owner)
    for _ in range(count):
        actions.ping(webhook=webhook, by=owner)

    with django_assert_num_queries(2):
        mine.get(f"/webhooks/{webhook.pk}/deliveries")


def test_event_is_sent_again_under_its_number(mine, owner, receiver):
    webhook = subscribe(owner, url=receiver.url)
    first = run(actions.ping(webhook=webhook, by=owner))

    answer = mine.post(f"/webhooks/{webhook.pk}/deliveries/{first.pk}/replay")

    again = WebhookDelivery.objects.exclude(pk=first.pk).get()
    assert (answer.status_code, answer.json()["data"]) == (202, delivery_fields(again))
    run(again)
    first.refresh_from_db()
    assert (first.state, again.state) == (WorkState.DONE, WorkState.DONE)
    before, after = receiver.received
    assert (before.body, before.headers["webhook-id"]) == (after.body, after.headers["webhook-id"])
    assert audited("REPLAY") == (owner.pk, {"webhookId": webhook.pk, "deliveryId": first.pk}, "127.0.0.1")


def test_event_on_its_way_is_not_sent_again(mine, owner):
    webhook = subscribe(owner)
    waiting = actions.ping(webhook=webhook, by=owner)

    answer = mine.post(f"/webhooks/{webhook.pk}/deliveries/{waiting.pk}/replay")

    assert (answer.status_code, answer.json()["code"]) == (409, "still_on_its_way")


def test_calls_that_reach_others_are_limited(mine, owner, settings):
    settings.RATES = {**settings.RATES, "RATE_WEBHOOK_SEND": "1/d"}
    webhook = subscribe(owner)
    sent = run(actions.ping(webhook=webhook, by=owner))

    statuses = [
        mine.post(f"/webhooks/{webhook.pk}/test").status_code,
        mine.post(f"/webhooks/{webhook.pk}/test").status_code,
        mine.post(f"/webhooks/{webhook.pk}/deliveries/{sent.pk}/replay").status_code,
    ]

    assert statuses == [202, 429, 429]
