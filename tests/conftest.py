"""Fixtures that every part of the suite shares: three people, and a clean Redis."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import httpx
import msgpack
import pytest
from django.conf import settings as django_settings
from django.core.cache import cache as redis_cache
from django.db import connection, transaction
from django.test import TransactionTestCase
from redis import Redis
from rest_framework.test import APIClient

from accounts.models import User
from tests.factories import make_user

HERE = Path(__file__).parent
# What takes long, longest first: files and parts of the suite.
LONG = [
    *("system/test_survival.py", "system/test_schemathesis.py", "browser", "system/test_canary.py"),
    *("rooms/conversation/test_machine.py", "system", "clients", "integrations/test_running.py"),
]

# Tables whose rows each migration makes anew: the names of models, and rights to them.
KEPT = {"django_content_type", "auth_permission"}

# The Redis channel of a group of `accounts.notices`.
NOTICES = "notices__group__{}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Keep the tests of a module in one process, and those of the browser, which share a running system; begin with
    what takes longest, so that no process waits for another at the end."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group("browser" if _part(item) == "browser" else str(item.path)))
    yield
    # Last: pytest-django has an order of its own.
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    names = (item.path.relative_to(HERE).as_posix(), _part(item))
    return next((LONG.index(name) for name in names if name in LONG), len(LONG))


def _part(item: pytest.Item) -> str:
    return item.path.relative_to(HERE).parts[0]


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, settings):
    """Give each test folders of its own for what it stores."""
    settings.KEYS_DIR = tmp_path / "keys"
    settings.UPLOADS_DIR = tmp_path / "uploads"
    settings.AUDIT_HEADS = tmp_path / "audit" / "heads.log"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {"location": str(tmp_path / "media")}},
    }


@pytest.fixture(scope="session", autouse=True)
def _quick_flush():
    """Let what empties the database after a test with transactions of its own delete rows: most tables have none, and
    truncating makes a new file for each of them and of their indexes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: _delete_rows())
        yield


@transaction.atomic
def _delete_rows() -> None:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    names = [connection.ops.quote_name(table) for table in tables if table not in KEPT]
    # As truncating does, the lock waits for whoever still writes, so that nothing of theirs is missed.
    statements = [f"LOCK TABLE {', '.join(names)}", *(f"DELETE FROM {name}" for name in names)]  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute("; ".join(statements))


@pytest.fixture(scope="session", autouse=True)
def _quick_trust():
    """Let httpx read the certificates of all authorities once, and not for each call."""
    made = cache(lambda _, **options: httpx.create_ssl_context(**options))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            httpx._transports.default,
            "create_ssl_context",
            lambda **options: made(os.environ.get("SSL_CERT_FILE"), **options),
        )
        yield


@pytest.fixture(autouse=True)
def _quick_hasher(settings):
    settings.PASSWORD_HASHERS = ["tests.hashers.QuickArgon2"]


@pytest.fixture(autouse=True)
def _no_waiting(settings):
    """No worker runs beside a test, so that nobody waits for what one would do."""
    settings.SUMMARY_WAIT_S = 0


@pytest.fixture(autouse=True)
def _clean_cache():
    yield
    redis_cache.clear()


@pytest.fixture
def owner(db) -> User:
    return make_user("owner")


@pytest.fixture
def member(db) -> User:
    return make_user("member")


@pytest.fixture
def stranger(db) -> User:
    return make_user("stranger")


@pytest.fixture
def administrator(db) -> User:
    return make_user("administrator", is_staff=True, is_superuser=True)


@pytest.fixture
def api() -> APIClient:
    return APIClient()


@pytest.fixture
def told():
    """What is sent to people's tabs (`/ws/me`) while the test runs, group by group, once it is asked for."""
    with Redis.from_url(django_settings.REDIS_URL, protocol=2) as redis, redis.pubsub() as listening:
        listening.psubscribe(NOTICES.format("*"))
        listening.get_message(timeout=10)

        def told() -> list[tuple[str, str]]:
            redis.publish(NOTICES.format("end"), b"")
            heard = []
            while (message := listening.get_message(timeout=10))["data"]:
                group = message["channel"].decode().removeprefix(NOTICES.format(""))
                heard.append((group, msgpack.unpackb(message["data"])["text"]))
            return heard

        yield told
