"""What the calls about webhooks answer, and what the audit log says of them."""

from accounts.models import AuditEvent
from config.lib.times import iso

URL = "https://example.com/hooks"


def fields(webhook, **changes):
    return {
        "id": webhook.pk,
        "url": URL,
        "description": "",
        "events": [
            "meeting.started",
            "meeting.ended",
            "participant.joined",
            "participant.left",
            "transcript.ready",
            "summary.ready",
        ],
        "state": "active",
        "failingSince": None,
        "lastSequence": 0,
        "previousSecretUntil": None,
        "createdAt": iso(webhook.created_at),
        **changes,
    }


def delivery_fields(delivery, **changes):
    return {
        "id": delivery.pk,
        "eventId": delivery.event_id,
        "type": delivery.event.type,
        "sequence": delivery.event.sequence,
        "state": "queued",
        "attempts": 0,
        "attemptedAt": None,
        "nextAttemptAt": iso(delivery.not_before),
        "responseStatus": None,
        "responseBytes": None,
        "durationMs": None,
        "errorCode": "",
        "errorMessage": "",
        "createdAt": iso(delivery.created_at),
        **changes,
    }


def audited(action):
    event = AuditEvent.objects.get(action=action)
    return event.user_id, event.resource, event.address
