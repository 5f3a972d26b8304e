"""Where Django looks for the tables of this app; each part has its own."""

from integrations.webhooks.models import Webhook, WebhookDelivery, WebhookEvent

__all__ = ["Webhook", "WebhookDelivery", "WebhookEvent"]
