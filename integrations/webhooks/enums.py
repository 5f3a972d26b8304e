"""The fixed choices of webhooks: whether a subscription is served."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class WebhookState(TextChoices):
    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    GONE = "gone", _("Switched off: the receiver is gone")


TRANSITIONS: dict[WebhookState, frozenset[WebhookState]] = {
    WebhookState.ACTIVE: frozenset({WebhookState.PAUSED, WebhookState.GONE}),
    WebhookState.PAUSED: frozenset({WebhookState.ACTIVE, WebhookState.GONE}),
    WebhookState.GONE: frozenset({WebhookState.ACTIVE, WebhookState.PAUSED}),
}
