"""Who may do what with whose webhook over REST."""

import pytest

from integrations.webhooks import actions
from integrations.webhooks.models import Webhook, WebhookDelivery
from tests.integrations.conftest import subscribe
from tests.integrations.wire import URL

pytestmark = pytest.mark.django_db

NOBODY = "0" * 24
BELOW = [
    ("get", ""),
    ("patch", ""),
    ("delete", ""),
    ("post", "/secret"),
    ("post", "/test"),
    ("get", "/events"),
    ("get", "/deliveries"),
    ("post", "/deliveries/{delivery}/replay"),
]


@pytest.mark.parametrize(("method", "below"), BELOW)
@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        ("nobody", 401, "not_authenticated"),
        ("stranger", 404, "not_found"),
        ("administrator", 403, "not_allowed"),
    ],
)
def test_webhook_of_somebody_else_is_closed(api, owner, stranger, administrator, method, below, who, status, code):
    webhook = subscribe(owner)
    delivery = actions.ping(webhook=webhook, by=owner)
    before = Webhook.objects.values().get()
    if who != "nobody":
        api.force_authenticate({"stranger": stranger, "administrator": administrator}[who])

    answer = getattr(api, method)(f"/webhooks/{webhook.pk}{below.format(delivery=delivery.pk)}")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (Webhook.objects.values().get(), WebhookDelivery.objects.count()) == (before, 1)


@pytest.mark.parametrize(("method", "below"), BELOW)
@pytest.mark.parametrize("webhook_id", [NOBODY, "x", "%00", "a" * 40])
def test_webhook_that_is_not_there_is_not_found(mine, method, below, webhook_id):
    answer = getattr(mine, method)(f"/webhooks/{webhook_id}{below.format(delivery=NOBODY)}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_delivery_of_another_webhook_is_not_found(mine, owner, stranger):
    webhook, other = subscribe(owner), subscribe(owner)
    foreign = actions.ping(webhook=subscribe(stranger), by=stranger)
    elsewhere = actions.ping(webhook=other, by=owner)

    for delivery_id in (foreign.pk, elsewhere.pk, NOBODY, "x"):
        answer = mine.post(f"/webhooks/{webhook.pk}/deliveries/{delivery_id}/replay")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["get", "post"])
def test_administrator_has_no_webhooks(api, administrator, method):
    api.force_authenticate(administrator)

    answer = getattr(api, method)("/webhooks", {"url": URL, "events": ["meeting.ended"]}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert not Webhook.objects.exists()
