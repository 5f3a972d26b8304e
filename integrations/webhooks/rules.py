"""Who may have webhooks, and what they hear of."""

from collections.abc import Sequence
from typing import TypeGuard

from django.conf import settings

from accounts.models import User
from accounts.rules import Person, is_reader_account
from config.lib.errors import NotAllowed
from config.lib.ids import is_id
from config.lib.proxies import Network, networks
from integrations.webhooks.exceptions import NoLongerHeard, NotActive, WebhookNotFound
from integrations.webhooks.models import Webhook, WebhookDelivery, WebhookEvent
from meetings.enums import Right
from meetings.models import Meeting
from meetings.rules import rights_of


def can_have_webhooks(user: Person) -> TypeGuard[User]:
    """Webhooks tell of one's own meetings, and administrators have none."""
    return is_reader_account(user)


def check_have_webhooks(user: Person) -> User:
    """Give the user, who may.

    Raises:
        config.lib.errors.NotAllowed.
    """
    if not can_have_webhooks(user):
        raise NotAllowed("Webhooks tell of one's own meetings: administrators have none.")
    return user


def hears_of(user: User, meeting: Meeting) -> bool:
    """Say whether the user's webhooks are told of the meeting: if its content may be viewed."""
    return Right.VIEW in rights_of(user, meeting)


def still_heard(user: User, events: Sequence[WebhookEvent]) -> frozenset[str]:
    """Give the ids of those events of the user's that may be told now: whatever tells of no meeting, and what tells of
    one whose content may still be viewed."""
    meetings = Meeting.objects.visible_to(user).filter(pk__in=[event.meeting_id for event in events])
    visible = {None, *meetings.values_list("pk", flat=True)}
    return frozenset(event.pk for event in events if event.meeting_id in visible)


def own(user: User, webhook_id: str) -> Webhook:
    """Give a webhook of the user's.

    Raises:
        config.lib.errors.NotAllowed: the user is an administrator.
        WebhookNotFound: there is none, or it is somebody else's; the two are not told apart.
    """
    check_have_webhooks(user)
    found = Webhook.objects.of(user).filter(pk=webhook_id).first() if is_id(webhook_id) else None
    if found is None:
        raise WebhookNotFound
    return found


def own_delivery(user: User, webhook_id: str, delivery_id: str) -> WebhookDelivery:
    """Give a delivery of the user's webhook.

    Raises:
        config.lib.errors.NotAllowed, WebhookNotFound: as `own`.
    """
    of_webhook = WebhookDelivery.objects.filter(event__webhook=own(user, webhook_id)).select_related("event__webhook")
    found = of_webhook.filter(pk=delivery_id).first() if is_id(delivery_id) else None
    if found is None:
        raise WebhookNotFound
    return found


def check_served(webhook: Webhook) -> None:
    """Ask whether anything is sent to the webhook now.

    Raises:
        NotActive.
    """
    if not webhook.is_active or not can_have_webhooks(webhook.user):
        raise NotActive


def check_tellable(event: WebhookEvent) -> None:
    """Ask whether the event may be sent to its webhook now.

    Raises:
        NotActive.
        NoLongerHeard.
    """
    check_served(event.webhook)
    if not still_heard(event.webhook.user, [event]):
        raise NoLongerHeard


def allowed_networks() -> tuple[Network, ...]:
    """Give the networks that may be delivered to although they are not public."""
    return networks(tuple(settings.WEBHOOK_ALLOWED_NETWORKS))
