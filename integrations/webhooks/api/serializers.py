"""What the webhook calls take and give."""

from typing import Any, Literal, TypedDict

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.lib import pagination
from config.lib.fields import MAX_BIG_INTEGER, TextField, WireSerializer
from config.lib.times import iso
from integrations.webhooks.addresses import AFTER_SCHEME, URL_LENGTH
from integrations.webhooks.enums import WebhookState
from integrations.webhooks.events import NAMES
from integrations.webhooks.models import DESCRIPTION_LENGTH, Webhook, WebhookDelivery, WebhookEvent
from integrations.webhooks.protocol import Envelope

_SCHEMES = "https?" if settings.WEBHOOK_ALLOW_HTTP else "https"
# What an owner may set; that the receiver is gone is for the receiver to say.
_SETTABLE = [WebhookState.ACTIVE.value, WebhookState.PAUSED.value]


@extend_schema_field({"type": "string", "maxLength": URL_LENGTH, "pattern": f"^{_SCHEMES}{AFTER_SCHEME}$"})
class UrlField(TextField):
    """The address of a receiver; the action reads it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)


class WebhookSerializer(WireSerializer):
    url = UrlField()
    events = serializers.ListField(child=serializers.ChoiceField(NAMES), min_length=1, max_length=len(NAMES))
    description = TextField(max_length=DESCRIPTION_LENGTH, allow_blank=True, trim_whitespace=False, required=False)


class WebhookChangeSerializer(WebhookSerializer):
    url = UrlField(required=False)
    events = serializers.ListField(
        child=serializers.ChoiceField(NAMES), min_length=1, max_length=len(NAMES), required=False
    )
    state = serializers.ChoiceField(_SETTABLE, required=False)


class LogQuery(WireSerializer):
    after = serializers.IntegerField(min_value=0, max_value=MAX_BIG_INTEGER, default=0)
    limit = serializers.IntegerField(min_value=1, max_value=pagination.MAX_LIMIT, default=pagination.DEFAULT_LIMIT)


class WebhookFields(TypedDict):
    id: str
    url: str
    description: str
    events: list[str]
    state: Literal["active", "paused", "gone"]
    failingSince: str | None
    lastSequence: int
    previousSecretUntil: str | None
    createdAt: str | None


class WebhookWithSecret(WebhookFields):
    secret: str


class DeliveryFields(TypedDict):
    id: str
    eventId: str
    type: str
    sequence: int
    state: Literal["queued", "running", "done", "parked"]
    attempts: int
    attemptedAt: str | None
    nextAttemptAt: str | None
    responseStatus: int | None
    responseBytes: int | None
    durationMs: int | None
    errorCode: str
    errorMessage: str
    createdAt: str | None


class EventFields(Envelope):
    id: str


class LogFields(TypedDict):
    oldestSequence: int | None
    lastSequence: int
    events: list[EventFields]


def webhook_fields(webhook: Webhook) -> WebhookFields:
    return {
        "id": webhook.pk,
        "url": webhook.url,
        "description": webhook.description,
        "events": webhook.events,
        "state": webhook.state,  # type: ignore[typeddict-item] # a constraint keeps it among these
        "failingSince": iso(webhook.failing_since),
        "lastSequence": webhook.last_sequence,
        "previousSecretUntil": iso(webhook.previous_secret_until),
        "createdAt": iso(webhook.created_at),
    }


def webhook_with_secret(webhook: Webhook, secret: str) -> WebhookWithSecret:
    return {**webhook_fields(webhook), "secret": secret}


def delivery_fields(delivery: WebhookDelivery) -> DeliveryFields:
    return {
        "id": delivery.pk,
        "eventId": delivery.event_id,
        "type": delivery.event.type,
        "sequence": delivery.event.sequence,
        "state": delivery.state,  # type: ignore[typeddict-item] # one of WorkState
        "attempts": delivery.attempts,
        "attemptedAt": iso(delivery.attempted_at),
        "nextAttemptAt": iso(delivery.next_attempt_at),
        "responseStatus": delivery.response_status,
        "responseBytes": delivery.response_bytes,
        "durationMs": delivery.duration_ms,
        "errorCode": delivery.error_code,
        "errorMessage": delivery.error_message,
        "createdAt": iso(delivery.created_at),
    }


def event_fields(event: WebhookEvent, *, is_heard: bool) -> EventFields:
    """Show an event as it is sent; without what it tells of a meeting that its reader can no longer see."""
    envelope = event.message.envelope
    return {"id": event.pk, **envelope, "data": envelope["data"] if is_heard else {}}


WEBHOOK_EXAMPLE: WebhookFields = {
    "id": "68ee4b39b22d6134386fc5dd",
    "url": "https://example.com/hooks",
    "description": "Minutes for the wiki",
    "events": ["meeting.ended", "summary.ready"],
    "state": "active",
    "failingSince": None,
    "lastSequence": 41,
    "previousSecretUntil": None,
    "createdAt": "2025-10-14T13:08:09.559Z",
}
SECRET_EXAMPLE: WebhookWithSecret = {**WEBHOOK_EXAMPLE, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
DELIVERY_EXAMPLE: DeliveryFields = {
    "id": "68ee4b39b22d6134386fc5e0",
    "eventId": "68ee4b39b22d6134386fc5df",
    "type": "meeting.ended",
    "sequence": 41,
    "state": "queued",
    "attempts": 1,
    "attemptedAt": "2025-10-14T13:08:10.559Z",
    "nextAttemptAt": "2025-10-14T13:08:15.559Z",
    "responseStatus": 503,
    "responseBytes": 19,
    "durationMs": 84,
    "errorCode": "rejected",
    "errorMessage": "The receiver answered 503.",
    "createdAt": "2025-10-14T13:08:10.102Z",
}
LOG_EXAMPLE: LogFields = {
    "oldestSequence": 7,
    "lastSequence": 41,
    "events": [
        {
            "id": "68ee4b39b22d6134386fc5df",
            "type": "meeting.ended",
            "timestamp": "2025-10-14T13:08:09.559Z",
            "sequence": 41,
            "subscriptionId": "68ee4b39b22d6134386fc5dd",
            "data": {
                "meetingId": "68ee4b39b22d6134386fc5dc",
                "title": "Weekly planning",
                "hostId": "68aff60d0d7bbb02c917906d",
                "roomId": None,
                "startedAt": "2025-10-14T12:30:00.000Z",
                "endedAt": "2025-10-14T13:08:09.500Z",
            },
        }
    ],
}
