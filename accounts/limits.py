"""Counting calls: how often one user, and one address, may ask in a window of time."""

import logging
from ipaddress import ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django_ratelimit.core import get_usage
from redis.exceptions import RedisError

from accounts import audit, trail
from accounts.enums import Outcome
from accounts.models import User
from accounts.rules import Person
from config.lib.errors import RateLimited

log = logging.getLogger("tertulia.limits")

# Whoever has an IPv6 address has all 2^64 that begin like it.
IPV6_PREFIX = 64


def check(name: str, *, by: Person | None, address: str, subject: str = "", calls: int = 1) -> None:
    """Count a call under the setting `name`, for the caller and for the address.

    What costs as much as several counts as so many `calls`; none only looks, before the call.

    `subject` is whom an anonymous caller speaks of, such as the name typed at a sign-in; it is counted like a user. An
    address from which users are signed in may be a whole office: it gets RATE_ADDRESS_FACTOR times as much. The first
    call of a window that is one too many is audited, so call this outside of transactions. Without Redis nobody is
    refused.

    Raises:
        RateLimited.
    """
    user = by if isinstance(by, User) else None
    rate = (user.rates.get(name) if user else None) or settings.RATES[name]
    counted = {f"address:{_network(address)}": _widened(rate) if user else rate}
    if user or subject:
        counted[f"user:{user.pk}" if user else f"subject:{_plain(subject)}"] = rate
    try:
        used = [_count(name, who, allowed, calls) for who, allowed in counted.items()]
    except RedisError as error:
        log.warning("nobody counts the calls under %s: %s", name, type(error).__name__)
        return
    over = [usage for usage in used if usage["should_limit"]]
    if not over:
        return
    if any(usage["limit"] < usage["count"] <= usage["limit"] + calls for usage in over):
        request = trail.current()
        resource = {**request.resource, "rate": name}
        audit.record(request.action or "LIMIT", by=user, resource=resource, outcome=Outcome.LIMITED, address=address)
    raise RateLimited(name, max(1, *(usage["time_left"] for usage in over)))


def _plain(subject: str) -> str:
    """Write a name in any case as one, and half characters, which no key holds, in digits."""
    return subject.strip().lower().encode("ascii", "backslashreplace").decode()


def _network(address: str) -> str:
    try:
        is_long = ip_address(address).version == 6
    except ValueError:
        return address
    return str(ip_network(f"{address}/{IPV6_PREFIX}", strict=False)) if is_long else address


def _widened(rate: str) -> str:
    calls, _, period = rate.partition("/")
    return f"{int(calls) * settings.RATE_ADDRESS_FACTOR}/{period}"


def _count(name: str, who: str, rate: str, calls: int) -> dict[str, Any]:
    usage: dict[str, Any] | None = None
    for _ in range(calls or 1):
        # The library counts one by one, and looks at the request only for keys and methods that we do not use.
        usage = get_usage(HttpRequest(), group=name, key=lambda group, request: who, rate=rate, increment=bool(calls))
    return usage or {"should_limit": False}
