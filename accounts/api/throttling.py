"""Rate limits of REST: each operation counts under one setting, RATE_DEFAULT where it names no other."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts import limits
from accounts.clients import client_of


class RateLimit(BaseThrottle):
    """Count the call for its caller and its address; whoever is over the limit gets 429 with Retry-After."""

    rates: ClassVar[dict[str, str]] = {}

    def allow_request(self, request: Request, view: Any) -> bool:
        """Raises: config.lib.errors.RateLimited, which says for how long."""
        name = self.rates.get(str(request.method)) or self.rates.get("*", "RATE_DEFAULT")
        limits.check(name, by=request.user, address=client_of(request).address)
        return True


def rated(name: str = "RATE_DEFAULT", **by_method: str) -> list[type[RateLimit]]:
    """Make the `throttle_classes` of a view that counts under `name`, or under a setting of its own for a method."""
    return [type("NamedRateLimit", (RateLimit,), {"rates": {"*": name, **by_method}})]
