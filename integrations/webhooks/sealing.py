"""The secrets of webhooks at rest: encrypted with the data key that each webhook has."""

from datetime import datetime

from config.lib import keys
from integrations.webhooks.models import Webhook

_FIELD = "webhook.secret"


def seal(webhook: Webhook, secret: str) -> bytes:
    return keys.cipher(webhook.pk).encrypt(secret, row_id=webhook.pk, field=_FIELD)


def signing_secrets(webhook: Webhook, now: datetime) -> list[str]:
    """Give the secrets that sign at that time: its own, and while it is exchanged the one before."""
    sealed = [webhook.secret]
    if webhook.previous_secret is not None and webhook.previous_secret_until and now < webhook.previous_secret_until:
        sealed.append(webhook.previous_secret)
    cipher = keys.cipher(webhook.pk)
    return [cipher.decrypt(secret, row_id=webhook.pk, field=_FIELD) for secret in sealed]
