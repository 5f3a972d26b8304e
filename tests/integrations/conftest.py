"""Webhooks of the owner, and a server that receives them."""

import pytest
from django.utils import timezone

from config.lib import work
from integrations.webhooks import actions
from integrations.webhooks.delivery import deliver
from integrations.webhooks.events import EVENT_TYPES, NAMES
from integrations.webhooks.models import WebhookDelivery
from meetings.models import Attendance
from tests.integrations.receiver import receiving

KINDS = {kind.name: kind for kind in EVENT_TYPES}
ALL = list(NAMES)


def subscribe(user, url="https://example.com/hooks", events=ALL, **values):
    return actions.subscribe(url=url, events=events, by=user, **values)[0]


def tell(meeting, event="meeting.ended"):
    stay = Attendance(person=meeting.host_id, joined_at=meeting.started_at, left_at=meeting.ended_at, reason="left")
    about = {"stays": [(meeting, stay)]} if event.startswith("participant.") else {"meeting": meeting}
    actions.hear(KINDS[event], **about)


def run(delivery, *, at_once=True):
    """Perform a delivery as a worker does, due or not."""
    if at_once:
        WebhookDelivery.objects.filter(pk=delivery.pk).update(not_before=timezone.now())
    work.run(WebhookDelivery, delivery.pk, deliver)
    delivery.refresh_from_db()
    return delivery


@pytest.fixture
def receiver(settings):
    """A server on the loopback, which this installation may deliver to."""
    settings.WEBHOOK_ALLOW_HTTP = True
    settings.WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with receiving() as (receiver, _):
        yield receiver


@pytest.fixture
def mine(api, owner):
    api.force_authenticate(owner)
    return api
