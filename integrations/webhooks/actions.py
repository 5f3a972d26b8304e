"""What is done with webhooks: subscribe, tell, send again."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from config.lib import keys, work
from config.lib.times import iso
from config.lib.work import UNSETTLED
from integrations.webhooks import addresses, protocol, rules
from integrations.webhooks.enums import WebhookState
from integrations.webhooks.events import NAMES, PING, EventType
from integrations.webhooks.exceptions import InnerAddress, StillOnItsWay, TooManyWebhooks, WebhookNotFound
from integrations.webhooks.models import Webhook, WebhookDelivery, WebhookEvent
from integrations.webhooks.sealing import seal
from meetings.models import Attendance, Meeting

MAX_WEBHOOKS = 20
# For how long the secret before a new one signs too.
OVERLAP = timedelta(hours=24)


@transaction.atomic
def subscribe(*, url: str, events: Sequence[str], by: User, description: str = "") -> tuple[Webhook, str]:
    """Make a webhook; give it with its secret, which is told this once.

    The key that a transaction leaves behind which fails after this opens nothing.

    Raises:
        config.lib.errors.NotAllowed: administrators have no webhooks.
        InvalidUrl: nothing can, or may, be delivered there.
        TooManyWebhooks.
    """
    rules.check_have_webhooks(by)
    _check_url(url)
    # One at a time, so that the limit holds.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if Webhook.objects.of(by).count() >= MAX_WEBHOOKS:
        raise TooManyWebhooks
    webhook = Webhook(user=by, url=url, events=_in_order(events), description=description)
    secret = protocol.new_secret()
    keys.create(webhook.pk)
    webhook.secret = seal(webhook, secret)
    webhook.save(force_insert=True)
    audit.record("CREATE", by=by, resource={"webhookId": webhook.pk})
    return webhook, secret


@transaction.atomic
def update(*, webhook: Webhook, values: Mapping[str, Any], by: User) -> Webhook:
    """Change `url`, `events`, `description` or `state`; what happens while it is paused stays in its log.

    Raises:
        InvalidUrl.
    """
    row = _locked(webhook)
    if "url" in values:
        _check_url(values["url"])
    for name in values.keys() & {"url", "description"}:
        setattr(row, name, values[name])
    row.events = _in_order(values.get("events", row.events))
    state = WebhookState(values.get("state", row.state))
    if state != row.state:
        row.change_state(state)
        row.failing_since = row.owner_told_at = None
    row.save()
    audit.record("UPDATE", by=by, resource={"webhookId": row.pk, "fields": sorted(values)})
    return row


@transaction.atomic
def delete(*, webhook: Webhook, by: User) -> None:
    """Delete a webhook with its log and whatever waits to be sent; once that is committed, its key."""
    pk = webhook.pk
    # In the order in which the end of a delivery takes its locks.
    list(WebhookDelivery.objects.filter(UNSETTLED, event__webhook=pk).select_for_update(of=("self",)))
    _locked(webhook).delete()
    audit.record("DELETE", by=by, resource={"webhookId": pk})
    transaction.on_commit(partial(keys.destroy, pk))


@transaction.atomic
def renew_secret(*, webhook: Webhook, by: User) -> tuple[Webhook, str]:
    """Make a new secret, told this once; for a day the one before signs too, and no older one does."""
    row = _locked(webhook)
    secret = protocol.new_secret()
    row.previous_secret, row.previous_secret_until = row.secret, timezone.now() + OVERLAP
    row.secret = seal(row, secret)
    row.save()
    audit.record("UPDATE", by=by, resource={"webhookId": row.pk, "fields": ["secret"]})
    return row, secret


def hear(kind: EventType, *, meeting: Meeting | None = None, stays: Sequence[tuple[Meeting, Attendance]] = ()) -> None:
    """Tell every webhook that may hear it of a meeting's event, or of one for each of the stays in meetings, in the
    transaction of whoever states it.

    The webhooks are locked, in one order for everybody, until that transaction ends: so their numbers have no gap.
    """
    told: Sequence[tuple[Meeting, Attendance | None]] = [(meeting, None)] if meeting else [*stays]
    meetings = {each for each, _ in told}
    listening = Webhook.objects.about(meetings, kind.name).select_related("user").order_by("pk")
    for webhook in listening.select_for_update(of=("self",), no_key=True):
        heard = {each for each in meetings if rules.hears_of(webhook.user, each)}
        for each, stay in told:
            if each in heard:
                _tell(webhook, kind, _payload(kind, each, stay))


def forget_meeting(meeting: Meeting) -> None:
    """Forget what events tell of a meeting that is deleted; hears `meeting_deleted`.

    The events stay, so that the numbers have no gap.
    """
    WebhookEvent.objects.filter(payload__meetingId=meeting.pk).update(payload={"meetingId": meeting.pk})


@transaction.atomic
def ping(*, webhook: Webhook, by: User) -> WebhookDelivery:
    """Send an event that means nothing.

    Raises:
        NotActive.
    """
    row = _locked(webhook)
    rules.check_served(row)
    event = _tell(row, PING, {"requestedBy": by.pk})
    audit.record("TEST", by=by, resource={"webhookId": row.pk})
    return event.deliveries.get()


@transaction.atomic
def replay(*, delivery: WebhookDelivery, by: User) -> WebhookDelivery:
    """Send an event again, under its old number and id; the delivery that was stays in the log.

    Raises:
        NotActive, NoLongerHeard.
        StillOnItsWay: another delivery of the event is not settled yet.
        WebhookNotFound: it was deleted a moment ago.
    """
    rows = WebhookEvent.objects.select_for_update(no_key=True, of=("self",)).select_related("webhook__user")
    event = rows.filter(pk=delivery.event_id).first()
    if event is None:
        raise WebhookNotFound
    rules.check_tellable(event)
    if event.deliveries.filter(UNSETTLED).exists():
        raise StillOnItsWay
    again = WebhookDelivery(event=event)
    work.enqueue(again)
    resource = {"webhookId": event.webhook_id, "deliveryId": delivery.pk}
    audit.record("REPLAY", by=by, resource=resource)
    return again


@transaction.atomic
def forget_old() -> None:
    """Drop events older than WEBHOOK_RETENTION_DAYS with their deliveries, and secrets that sign no more."""
    now = timezone.now()
    WebhookEvent.objects.filter(created_at__lt=now - timedelta(days=settings.WEBHOOK_RETENTION_DAYS)).delete()
    Webhook.objects.filter(previous_secret_until__lte=now).update(previous_secret=None, previous_secret_until=None)


def _check_url(url: str) -> None:
    """Refuse what can be refused without asking anybody; where a name leads is looked at when it is delivered to."""
    target = addresses.parse(url, allow_http=settings.WEBHOOK_ALLOW_HTTP)
    if not addresses.are_allowed(addresses.literal(target.host), rules.allowed_networks()):
        raise InnerAddress


def _locked(webhook: Webhook) -> Webhook:
    """Raises: WebhookNotFound: it was deleted a moment ago."""
    rows = Webhook.objects.select_for_update(no_key=True, of=("self",)).select_related("user")
    row = rows.filter(pk=webhook.pk).first()
    if row is None:
        raise WebhookNotFound
    return row


def _in_order(events: Sequence[str]) -> list[str]:
    return [name for name in NAMES if name in events]


def _payload(kind: EventType, meeting: Meeting, stay: Attendance | None) -> dict[str, Any]:
    known = {
        "meetingId": meeting.pk,
        "title": meeting.title,
        "hostId": meeting.host_id,
        "roomId": meeting.room_id,
        "startedAt": iso(meeting.started_at),
        "endedAt": iso(meeting.ended_at),
    }
    if stay is not None:
        known |= {
            "participantId": stay.person,
            "joinedAt": iso(stay.joined_at),
            "leftAt": iso(stay.left_at),
            "reason": stay.reason,
        }
    return {name: known[name] for name in kind.payload.__annotations__}


def _tell(webhook: Webhook, kind: EventType, payload: Mapping[str, Any]) -> WebhookEvent:
    """Give the event the next number in the log of a webhook that the caller has locked, and queue its delivery."""
    webhook.last_sequence += 1
    webhook.save(update_fields=["last_sequence"])
    event = WebhookEvent.objects.create(
        webhook=webhook, sequence=webhook.last_sequence, type=kind.name, payload=payload
    )
    if webhook.is_active:
        work.enqueue(WebhookDelivery(event=event))
    return event
