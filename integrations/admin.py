"""Where the control panel looks for the tables of this app; each part has its own."""

from integrations.webhooks.admin import WebhookAdmin, WebhookDeliveryAdmin

__all__ = ["WebhookAdmin", "WebhookDeliveryAdmin"]
