"""Where our address is https, nothing is said over plain http but to the machine itself."""

from django.conf import settings

from config.lib.errors import DomainError
from config.lib.proxies import is_loopback


class HttpsRequired(DomainError):
    """A call over plain http, where others could read it."""

    code = "https_required"
    status = 403


def check(scheme: str, address: str) -> None:
    """Raises: HttpsRequired."""
    if settings.IS_HTTPS and scheme in ("http", "ws") and not is_loopback(address):
        raise HttpsRequired(f"Use {settings.PUBLIC_URL}: nothing is answered over plain http.")
