"""Celery entry points of webhooks."""

from celery import shared_task

from config.lib import work
from integrations.webhooks.models import WebhookDelivery


@shared_task(name=WebhookDelivery.task)
def deliver_webhook(work_id: str) -> None:
    from integrations.webhooks.delivery import deliver as perform  # noqa: PLC0415 - it is above tasks: this goes up

    work.run(WebhookDelivery, work_id, perform)
