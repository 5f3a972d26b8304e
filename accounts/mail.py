"""The mails that accounts send."""

import logging
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.models import User

log = logging.getLogger("tertulia.mail")

# No server, a server that refuses, a folder that cannot be written, a host name that is none.
FAILURES = (OSError, ImproperlyConfigured, UnicodeError)


def kept_in() -> str:
    """Name what on the server takes a worker's mails while no mail server is named; nothing where they are sent."""
    if settings.EMAIL_HOST:
        return ""
    return "logs/worker.log" if settings.DEMO else f"{Path(settings.EMAIL_FILE_PATH).name}/"


def send_password_reset(user: User) -> None:
    """Send the link to the user's own address, in the user's language; its host is PUBLIC_URL's and nobody else's.

    A mail that cannot be sent is only logged: the answer to whoever asked must not tell that there is an account.
    """
    path = reverse("password_reset_confirm", args=[reset_uid(user), default_token_generator.make_token(user)])
    context = {
        "user": user,
        "reset_url": settings.PUBLIC_URL + path,
        "domain": urlsplit(settings.PUBLIC_URL).netloc,
    }
    with translation.override(user.language):
        subject = render_to_string("accounts/password_reset_subject.txt", context).strip()
        body = render_to_string("accounts/password_reset_email.txt", context)
    try:
        send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [user.email])
    except FAILURES as error:
        # A server that refuses a mail repeats its address, so of the error only the kind is told.
        log.warning("the mail with a reset link for user %s was not sent: %s", user.pk, type(error).__name__)


def reset_uid(user: User) -> str:
    return urlsafe_base64_encode(force_bytes(user.pk))
