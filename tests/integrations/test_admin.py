"""Webhooks in the control panel."""

import html

import pytest

from accounts.models import AuditEvent
from config.lib.work import WorkState
from integrations.webhooks import actions
from integrations.webhooks.models import WebhookDelivery
from tests.integrations.conftest import run, subscribe

pytestmark = pytest.mark.django_db

DELIVERIES = "/admin/integrations/webhookdelivery/"
WEBHOOKS = "/admin/integrations/webhook/"


@pytest.fixture
def panel(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def parked(owner, receiver):
    """A delivery that was given up, of a webhook that is on again."""
    receiver.status = 410
    webhook = subscribe(owner, url=receiver.url)
    delivery = run(actions.ping(webhook=webhook, by=owner))
    actions.update(webhook=webhook, values={"state": "active"}, by=owner)
    return delivery


def send_again(panel, *deliveries):
    form = {"action": "replay", "_selected_action": [delivery.pk for delivery in deliveries]}
    return html.unescape(panel.post(DELIVERIES, form, follow=True).content.decode())


def test_panel_shows_webhooks_without_secret_and_path(panel, owner):
    webhook = subscribe(owner, url="https://example.com/hooks/token-of-the-receiver")

    for path in (WEBHOOKS, f"{WEBHOOKS}{webhook.pk}/change/"):
        page = panel.get(path).content.decode()
        assert "example.com" in page
        assert "token-of-the-receiver" not in page
        assert "secret" not in page.lower()


def test_panel_changes_nothing(panel, owner):
    webhook = subscribe(owner)

    answers = [
        panel.get(f"{WEBHOOKS}add/"),
        panel.post(f"{WEBHOOKS}{webhook.pk}/change/", {"state": "paused"}),
        panel.post(f"{WEBHOOKS}{webhook.pk}/delete/", {"post": "yes"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_what_was_given_up_is_sent_again(panel, administrator, owner, parked):
    waiting = actions.ping(webhook=parked.event.webhook, by=owner)

    page = send_again(panel, parked, waiting)

    assert "Send again: 1 done, 1 skipped, 0 failed." in page
    again = WebhookDelivery.objects.exclude(pk__in=[parked.pk, waiting.pk]).get()
    assert (again.event, again.state) == (parked.event, WorkState.QUEUED)
    assert AuditEvent.objects.get(action="REPLAY").user_id == administrator.pk


def test_what_cannot_be_sent_again_is_told(panel, owner, parked):
    actions.update(webhook=parked.event.webhook, values={"state": "paused"}, by=owner)

    page = send_again(panel, parked)

    assert "Send again: 0 done, 0 skipped, 1 failed." in page
    assert "This webhook is paused or switched off: switch it on first." in page


def test_delivery_is_shown_without_its_lease(panel, parked):
    page = panel.get(f"{DELIVERIES}{parked.pk}/change/").content.decode()

    assert "receiver_gone" in page
    assert "Lease" not in page
