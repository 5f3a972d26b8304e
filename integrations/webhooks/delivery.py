"""Delivering: one event to one receiver, and what follows when that comes to nothing."""

import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import audit
from config.lib.work import Lease, LeaseLost, Work, WorkState
from integrations.webhooks import addresses, client, mail, protocol, rules
from integrations.webhooks.enums import WebhookState
from integrations.webhooks.exceptions import DeliveryFailed, NoLongerHeard, NotActive, ReceiverGone, Rejected
from integrations.webhooks.models import Webhook, WebhookDelivery, WebhookEvent
from integrations.webhooks.sealing import signing_secrets

GONE = 410
# Why an event is given up that was not to be sent at all: nothing fails.
WITHHELD = (NotActive.code, NoLongerHeard.code)
HEADERS = {"Content-Type": "application/json", "User-Agent": "Tertulia-Webhooks/1", "Connection": "close"}


@dataclass(frozen=True)
class Attempt:
    """How sending went: the answer, unless there was none, and the failure, unless it succeeded."""

    milliseconds: int
    answer: client.Answer | None
    failure: DeliveryFailed | None

    @property
    def columns(self) -> dict[str, Any]:
        return {
            "attempted_at": timezone.now(),
            "duration_ms": self.milliseconds,
            "response_status": self.answer.status if self.answer else None,
            "response_bytes": self.answer.size if self.answer else None,
        }


def deliver(lease: Lease[WebhookDelivery]) -> None:
    """Send one event once; the runner tries again what fails for the moment.

    Raises:
        NotActive, NoLongerHeard, DeliveryFailed.
        config.lib.work.LeaseLost: it took so long that somebody else sends it now, or it was deleted.
    """
    event = WebhookEvent.objects.select_related("webhook__user").get(pk=lease.work.event_id)
    rules.check_tellable(event)
    lease.check_stopping()
    attempt = _send(event)
    if attempt.failure is None:
        _note_success(lease, attempt)
    else:
        _note_failure(lease, attempt, attempt.failure)
        raise attempt.failure


def follow_delivery(work: Work) -> None:
    """Tell the owner when a delivery is given up, once until one succeeds again."""
    if not isinstance(work, WebhookDelivery) or work.state != WorkState.PARKED or work.error_code in WITHHELD:
        return
    untold = Webhook.objects.filter(pk=work.event.webhook_id, owner_told_at=None)
    if untold.update(owner_told_at=timezone.now()):
        webhook_id = work.event.webhook_id
        # No partial: Django names the function where it fails.
        transaction.on_commit(lambda: mail.send_failing(webhook_id), robust=True)


def _send(event: WebhookEvent) -> Attempt:
    webhook, message, now = event.webhook, event.message, timezone.now()
    target = addresses.parse(webhook.url, allow_http=settings.WEBHOOK_ALLOW_HTTP)
    signed = protocol.headers(
        signing_secrets(webhook, now), message_id=message.id, timestamp=int(now.timestamp()), body=message.body
    )
    allowed = rules.allowed_networks()
    answer, failure, began = None, None, time.monotonic()
    try:
        answer = client.post(target, {**HEADERS, **signed}, message.body, allowed=allowed)
        failure = _failure_of(answer)
    except DeliveryFailed as error:
        failure = error
    return Attempt(round((time.monotonic() - began) * 1000), answer, failure)


def _failure_of(answer: client.Answer) -> DeliveryFailed | None:
    if answer.is_success:
        return None
    return ReceiverGone(answer.status) if answer.status == GONE else Rejected(answer.status)


def _note_success(lease: Lease[WebhookDelivery], attempt: Attempt) -> None:
    with lease.commit(done=True) as row:
        for name, value in {**attempt.columns, "error_code": "", "error_message": ""}.items():
            setattr(row, name, value)
        failing = Webhook.objects.filter(pk=row.event.webhook_id).exclude(failing_since=None)
        failing.update(failing_since=None, owner_told_at=None)


@transaction.atomic
def _note_failure(lease: Lease[WebhookDelivery], attempt: Attempt, failure: DeliveryFailed) -> None:
    """Note how it went; the runner, which hears of the failure next, writes the rest of the row."""
    mine = WebhookDelivery.objects.filter(pk=lease.work.pk, lease=lease.work.lease)
    if not mine.update(**attempt.columns):
        raise LeaseLost(str(lease.work))
    webhook = Webhook.objects.select_for_update(no_key=True).get(log=lease.work.event_id)
    webhook.failing_since = webhook.failing_since or timezone.now()
    if isinstance(failure, ReceiverGone) and webhook.state != WebhookState.GONE:
        webhook.change_state(WebhookState.GONE)
        audit.record("UPDATE", by=None, resource={"webhookId": webhook.pk, "fields": ["state"]})
    webhook.save(update_fields=["failing_since", "state"])
