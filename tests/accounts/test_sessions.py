"""Page sessions are kept under a hash of what the cookie holds."""

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone
from redis import Redis

from accounts.sessions import SessionStore
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(client) -> str:
    """Sign the owner in on the page; give the cookie."""
    client.post("/accounts/sign-in", {"username": "owner", "password": PASSWORD})
    return client.cookies["sessionid"].value


def is_signed_in(client) -> bool:
    return client.get("/auth/me").status_code == 200


def stored_names(settings) -> list[str]:
    """List every name under which a session may lie: rows, and all keys of Redis."""
    keys = [key.decode(errors="replace") for key in Redis.from_url(settings.REDIS_URL).scan_iter()]
    return [*Session.objects.values_list("session_key", flat=True), *keys]


@pytest.fixture
def session() -> SessionStore:
    """A stored session that knows one thing."""
    store = SessionStore()
    store["known"] = "yes"
    store.save()
    return store


def test_nothing_stored_is_named_by_the_cookie(client, owner, settings):
    cookie = sign_in(client)

    assert Session.objects.count() == 1
    assert [name for name in stored_names(settings) if name.startswith(":1:accounts.sessions")] != []
    assert [name for name in stored_names(settings) if cookie in name] == []


def test_stored_names_are_no_cookies(client, owner, settings):
    sign_in(client)

    for name in stored_names(settings):
        client.cookies["sessionid"] = name.removeprefix(":1:accounts.sessions")
        assert not is_signed_in(client)


@pytest.mark.parametrize("is_cached", [True, False])
def test_session_is_found_in_the_cache_or_in_its_row(client, owner, is_cached):
    sign_in(client)
    if is_cached:
        Session.objects.all().delete()
    else:
        cache.clear()

    assert is_signed_in(client)


def test_sign_out_leaves_nothing(client, owner):
    cookie = sign_in(client)

    client.post("/accounts/sign-out")

    assert not Session.objects.exists()
    client.cookies["sessionid"] = cookie
    assert not is_signed_in(client)


def test_sign_in_gives_a_visitors_session_another_key(client, owner, session):
    client.cookies["sessionid"] = session.session_key

    cookie = sign_in(client)

    assert cookie != session.session_key
    assert client.session["known"] == "yes"
    assert dict(SessionStore(session.session_key).items()) == {}
    assert Session.objects.count() == 1


def test_flush_removes_row_and_copy(session):
    key = session.session_key

    session.flush()

    assert (session.session_key, Session.objects.count(), SessionStore().exists(key)) == (None, 0, False)
    assert dict(SessionStore(key).items()) == {}


def test_flush_of_what_was_never_stored_does_nothing(session):
    SessionStore().flush()

    assert SessionStore(session.session_key)["known"] == "yes"


def test_expired_session_is_empty_and_cleared(session):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    cache.clear()

    late = SessionStore(session.session_key)

    assert (dict(late.items()), late.session_key) == ({}, None)
    call_command("clearsessions")
    assert not Session.objects.exists()


def test_unknown_key_is_not_adopted():
    store = SessionStore("0123456789abcdef0123456789abcdef")

    store["known"] = "yes"
    store.save()

    assert store.session_key != "0123456789abcdef0123456789abcdef"


def test_asynchronous_methods_use_the_same_names(session):
    first = session.session_key

    async_to_sync(session.acycle_key)()

    second = SessionStore(session.session_key)
    assert async_to_sync(second.aget)("known") == "yes"
    assert [async_to_sync(second.aexists)(key) for key in (first, second.session_key)] == [False, True]
    assert Session.objects.exclude(session_key__in=[first, second.session_key]).count() == Session.objects.count() == 1
    async_to_sync(second.aflush)()
    assert not Session.objects.exists()


def test_asynchronous_save_of_a_new_session_makes_one():
    store = SessionStore()

    async_to_sync(store.aset)("known", "yes")
    async_to_sync(store.asave)()

    assert SessionStore(store.session_key)["known"] == "yes"
    assert not Session.objects.filter(session_key=store.session_key).exists()
