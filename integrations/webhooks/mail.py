"""The mail that a webhook's owner gets when it fails."""

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from accounts.mail import FAILURES
from integrations.webhooks.addresses import parse
from integrations.webhooks.models import Webhook

log = logging.getLogger("tertulia.mail")


def send_failing(webhook_id: str) -> None:
    """Tell the owner that events are not delivered any more; a mail that cannot be sent is logged."""
    webhook = Webhook.objects.select_related("user").get(pk=webhook_id)
    context = {
        "webhook": webhook,
        "host": parse(webhook.url, allow_http=True).host,
        "page_url": settings.PUBLIC_URL + reverse("webhook", args=[webhook.pk]),
    }
    with translation.override(webhook.user.language):
        subject = render_to_string("integrations/webhook_failing_subject.txt", context).strip()
        body = render_to_string("integrations/webhook_failing_email.txt", context)
    try:
        send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [webhook.user.email])
    except FAILURES as error:
        log.warning("the mail about webhook %s was not sent: %s", webhook.pk, type(error).__name__)
