"""Liveness and readiness, each part by name."""

from collections.abc import Callable

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from redis.exceptions import RedisError

from config.housekeeping import PULSE_KEY

PROBE = "health/probe"


def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part does its work, else 503 with a sentence for each that does not."""
    checks = {name: check() for name, check in CHECKS.items()}
    is_ready = all(answer == "ok" for answer in checks.values())
    return JsonResponse(
        {"status": "ready" if is_ready else "not_ready", "checks": checks}, status=200 if is_ready else 503
    )


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "the database does not answer"
    return "ok"


def _redis() -> str:
    try:
        cache.get(PULSE_KEY)
    except (RedisError, OSError):
        return "Redis does not answer"
    return "ok"


def _worker() -> str:
    try:
        return "ok" if cache.get(PULSE_KEY) else "no worker has been heard of for 20 s"
    except (RedisError, OSError):
        return "not known while Redis does not answer"


def _storage() -> str:
    try:
        default_storage.delete(default_storage.save(PROBE, ContentFile(b"ok")))
    except OSError:
        return "the storage cannot be written to"
    return "ok"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "redis": _redis,
    "worker": _worker,
    "storage": _storage,
}
