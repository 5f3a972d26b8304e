"""Django's cache on Redis with one client for the whole process.

Django makes a client for each call, and under ASGI, where each request has a cache of its own, connections too.
"""

from functools import cache
from typing import Any

from django.core.cache.backends import redis as django_redis
from redis import Redis


class RedisCache(django_redis.RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client


class _Client(django_redis.RedisCacheClient):
    def get_client(self, key: Any = None, *, write: bool = False) -> Redis:
        return _client(self._servers[0])  # type: ignore[attr-defined] # the stubs leave it out

    def incr(self, key: Any, delta: int) -> int:
        """Count in one round trip; Django's asks first, so as to refuse what is not there."""
        return int(self.get_client(key).incr(key, delta))


@cache
def _client(url: str) -> Redis:
    return Redis.from_url(url)
