"""How the audit log comes to know of refusals, whoever answers: a view, a page, or an application beside Django."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping

from django.core.cache import cache
from redis.exceptions import RedisError

from accounts import audit
from accounts.enums import Act, Outcome
from accounts.models import User
from accounts.trail import Trail
from config.lib.ids import is_id, kept
from meetings.models import Meeting
from rooms.models import Room

# What the log calls a request by its route, where the method does not say it.
ACTS = {
    "api_login": Act.LOGIN,
    "sign_in": Act.LOGIN,
    "api_register": Act.REGISTER,
    "register": Act.REGISTER,
    "api_password_change": Act.CHANGE_PASSWORD,
    "password_change": Act.CHANGE_PASSWORD,
    "api_password_reset": Act.REQUEST_RESET,
    "password_reset": Act.REQUEST_RESET,
    "api_password_reset_confirm": Act.RESET_PASSWORD,
    "password_reset_confirm": Act.RESET_PASSWORD,
    "room-upload": "UPLOAD",
    "meeting-import": "UPLOAD",
}
STATUSES = (401, 403, 404)
# Words of a path that open something by themselves, or that somebody wrote.
SECRETS = frozenset({"token", "uid", "filename"})
# The same refusal of the same person within so many seconds is one row: nobody fills the log by asking again.
ONCE_SECONDS = 60

# Whose the thing is that a path names, most particular first.
OWNERS: dict[str, Callable[[str], str | None]] = {
    "meetingId": lambda pk: Meeting.objects.filter(pk=pk).values_list("host_id", flat=True).first(),
    "roomId": lambda pk: Room.objects.filter(pk=pk).values_list("owner_id", flat=True).first(),
}


def describe(trail: Trail, *, method: str, route: str, ids: Mapping[str, str]) -> None:
    """Write down what a request asks for, from its method and its path."""
    method = "GET" if method == "HEAD" else method
    trail.action = ACTS.get(route, method)
    named = {_camel(name): kept(str(value)) for name, value in ids.items() if name not in SECRETS}
    trail.resource = {"route": route, **named}


def record(trail: Trail, *, status: int, by: User | None) -> None:
    """Record that a request was refused to somebody who is known, unless the code that refused it did.

    401 is of a sign-in that has ended, and 404 of a thing that is there and somebody else's.
    """
    if trail.is_told or by is None or status not in STATUSES:
        return
    owner = trail.resource.get("userId") or _owner(trail.resource)
    if status == 404 and owner in (None, by.pk):
        return
    resource = {**trail.resource, **({"userId": owner} if owner else {})}
    if _is_first(by, trail.action, resource):
        audit.record(trail.action, by=by, resource=resource, outcome=Outcome.REFUSED, address=trail.address)


def _owner(resource: Mapping[str, str]) -> str | None:
    for name, find in OWNERS.items():
        if is_id(resource.get(name, "")):
            return find(resource[name])
    return None


def _is_first(by: User, action: str, resource: Mapping[str, str]) -> bool:
    """Say whether this refusal is not in the log already; where Redis does not answer, it is better there twice."""
    said = json.dumps([by.pk, action, resource], sort_keys=True)
    try:
        return cache.add(f"refused:{hashlib.sha256(said.encode()).hexdigest()}", True, timeout=ONCE_SECONDS)
    except RedisError:
        return True


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)
