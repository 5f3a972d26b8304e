"""The cache on Redis: one client for all, and counting in one round trip."""

from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.cache import cache, caches
from redis import Redis


def connections_made() -> int:
    with Redis.from_url(settings.REDIS_URL) as redis:
        return int(redis.info("stats")["total_connections_received"])


def test_caches_of_all_requests_share_their_connections():
    cache.get("warm")
    before = connections_made()

    for _ in range(20):
        # As in each request under ASGI, which has a cache of its own.
        caches.create_connection("default").get("key")

    # Asking makes one itself.
    assert connections_made() - before == 1


def test_counting_begins_at_nothing_and_loses_nothing():
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: cache.incr("count"), range(200)))

    assert sorted(counts) == list(range(1, 201))
    assert (cache.get("count"), cache.decr("count", 50)) == (200, 150)


def test_count_keeps_the_end_that_it_was_given():
    assert cache.add("count", 1, 60)

    assert cache.incr("count") == 2
    assert 0 < Redis.from_url(settings.REDIS_URL).ttl(cache.make_key("count")) <= 60
