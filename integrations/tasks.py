"""Where Celery looks for the entry points of this app; each part has its own."""

from integrations.webhooks.tasks import deliver_webhook

__all__ = ["deliver_webhook"]
