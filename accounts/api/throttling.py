"""Rate limits of REST: each operation counts under one setting, RATE_DEFAULT where it names no other."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts import limits
from accounts.clients import client_of


class RateLimit(BaseThrottle):
    """Count the call for its caller and its address; whoever is over the limit gets 429 with Retry-After."""

    rates: ClassVar[dict[str, str]] = {}
    # The field of the body that says whom an anonymous caller speaks of.
    subject: ClassVar[str] = ""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Raises: config.lib.errors.RateLimited, which says for how long."""
        name = self.rates.get(str(request.method)) or self.rates.get("*", "RATE_DEFAULT")
        limits.check(name, by=request.user, address=client_of(request).address, subject=self._subject_of(request))
        return True

    def _subject_of(self, request: Request) -> str:
        body = request.data if self.subject else None
        return str(body.get(self.subject, "")) if isinstance(body, dict) else ""


def rated(name: str = "RATE_DEFAULT", *, subject: str = "", **by_method: str) -> list[type[RateLimit]]:
    """Make the `throttle_classes` of a view that counts under `name`, or under a setting of its own for a method."""
    return [type("NamedRateLimit", (RateLimit,), {"rates": {"*": name, **by_method}, "subject": subject})]
