"""How often somebody may call: per user, per address, per name that is typed, each operation under its own setting."""

import time

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache.backends.redis import RedisCache
from django.test import Client
from redis.exceptions import ConnectionError as RedisDown
from rest_framework.test import APIClient

from accounts import limits
from accounts.models import AuditEvent
from config.lib.errors import RateLimited
from tests.asgi import bearer, call
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db

HERE, THERE = "203.0.113.9", "198.51.100.7"


@pytest.fixture
def rates(settings):
    """Give a way to set limits for one test."""

    def set_rates(factor=10, **changes):
        settings.RATES = {**settings.RATES, **changes}
        settings.RATE_ADDRESS_FACTOR = factor

    return set_rates


def check(name="RATE_FILES", *, by=None, address=HERE, subject=""):
    limits.check(name, by=by or AnonymousUser(), address=address, subject=subject)


def is_limited(**call) -> bool:
    try:
        check(**call)
    except RateLimited:
        return True
    return False


def limited_rows():
    return list(AuditEvent.objects.filter(outcome="limited").values_list("user_id", "action", "resource", "address"))


def test_user_is_limited_wherever_the_calls_come_from(rates, owner, stranger):
    rates(RATE_FILES="2/h")

    used = [is_limited(by=owner, address=address) for address in (HERE, THERE, HERE, THERE)]

    assert used == [False, False, True, True]
    assert not is_limited(by=stranger)


def test_address_is_limited_whoever_calls_unknown(rates):
    rates(RATE_FILES="2/h")

    assert [is_limited(), is_limited(), is_limited()] == [False, False, True]
    assert not is_limited(address=THERE)


def test_address_of_an_office_may_call_so_many_times_as_often(rates, owner, member, stranger):
    rates(RATE_FILES="2/h", factor=2)

    used = [is_limited(by=user) for user in (owner, owner, member, member, stranger)]

    assert used == [False, False, False, False, True]


def test_ipv6_addresses_of_one_network_are_one(rates):
    rates(RATE_FILES="2/h")

    used = [is_limited(address=f"2a00:1:2:3::{number}") for number in range(3)]

    assert used == [False, False, True]
    assert not is_limited(address="2a00:1:2:4::1")
    assert not is_limited(address="")


def test_each_setting_is_counted_apart(rates, owner):
    rates(RATE_FILES="1/h", RATE_SUMMARY="1/h")

    assert not is_limited(name="RATE_FILES", by=owner)
    assert not is_limited(name="RATE_SUMMARY", by=owner)
    assert is_limited(name="RATE_FILES", by=owner)


def test_call_may_count_as_several(rates, owner):
    rates(RATE_FILES="5/h")
    used = []

    for calls in (3, 0, 2, 0, 3, 1):
        try:
            limits.check("RATE_FILES", by=owner, address=HERE, calls=calls)
            used.append((calls, "passes"))
        except RateLimited:
            used.append((calls, "is one too many"))

    assert used == [
        (3, "passes"),
        (0, "passes"),
        (2, "passes"),
        (0, "passes"),
        (3, "is one too many"),
        (1, "is one too many"),
    ]
    assert len(limited_rows()) == 1


def test_user_may_have_limits_of_their_own(rates, owner, stranger):
    rates(RATE_FILES="1/h", factor=100)
    owner.rates = {"RATE_FILES": "3/h"}
    stranger.rates = {"RATE_SUMMARY": "3/h"}

    assert [is_limited(by=owner) for _ in range(4)] == [False, False, False, True]
    assert [is_limited(by=stranger) for _ in range(2)] == [False, True]


def test_limit_of_none_closes_an_operation(rates, owner):
    rates(RATE_FILES="0/m")

    assert is_limited(by=owner)


def test_window_passes(rates, owner):
    rates(RATE_FILES="1/1s")
    while not is_limited(by=owner):
        pass

    time.sleep(1)

    assert not is_limited(by=owner)


def test_only_the_first_call_too_many_is_audited(rates, owner):
    rates(RATE_FILES="1/h")

    for _ in range(5):
        is_limited(by=owner)

    assert limited_rows() == [(owner.pk, "LIMIT", {"rate": "RATE_FILES"}, HERE)]


def test_without_redis_nobody_is_refused(rates, monkeypatch, caplog):
    def fail(*args, **options):
        raise RedisDown

    rates(RATE_FILES="0/m")
    monkeypatch.setattr(RedisCache, "add", fail)

    assert not is_limited()
    assert "nobody counts the calls under RATE_FILES: ConnectionError" in caplog.text


def test_call_of_rest_is_answered_while_redis_is_down(rates, owner, settings, tmp_path):
    rates(RATE_DEFAULT="0/m")
    location = f"unix://{tmp_path}/nowhere.sock"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": location}}

    answer = APIClient(headers=bearer(owner)).get("/auth/me")

    assert (answer.status_code, answer.json()["data"]["user"]["username"]) == (200, "owner")


def test_call_of_rest_over_the_limit_is_told_when_to_come_back(rates, owner):
    rates(RATE_DEFAULT="2/h")
    headers = bearer(owner)
    api = APIClient(headers=headers)

    answers = [api.get("/auth/me") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    wait = answers[2]["Retry-After"]
    assert 1 <= int(wait) <= 3600
    assert answers[2].json() == {
        "success": False,
        "message": f"Too many requests: try again in {wait} s.",
        "code": "rate_limited",
    }
    assert limited_rows() == [(owner.pk, "GET", {"route": "api_me", "rate": "RATE_DEFAULT"}, "127.0.0.1")]


@pytest.mark.parametrize("name", ["owner@example.com", " Owner@Example.com", "nobody@example.com"])
def test_name_is_guessed_at_from_everywhere_in_vain(rates, owner, name):
    rates(RATE_LOGIN="3/h")
    api = APIClient()
    for number in range(3):
        body = {"userName": name.strip().lower(), "password": "wrong"}
        assert api.post("/auth/login", body, REMOTE_ADDR=f"192.0.2.{number}", format="json").status_code == 401

    refused = api.post("/auth/login", {"userName": name, "password": PASSWORD}, REMOTE_ADDR="192.0.2.99", format="json")

    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    free = api.post("/auth/login", {"userName": "member", "password": "x"}, format="json", REMOTE_ADDR="192.0.2.98")
    assert free.status_code == 401
    assert limited_rows() == [(None, "LOGIN", {"route": "api_login", "rate": "RATE_LOGIN"}, "192.0.2.99")]


@pytest.mark.parametrize("body", [[], "text", {"userName": ["list"]}, {"userName": None}, {}])
def test_sign_in_that_names_nobody_is_counted_by_address(rates, body):
    rates(RATE_LOGIN="1/h")
    api = APIClient()

    assert [api.post("/auth/login", body, format="json").status_code for _ in range(2)] == [400, 429]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/auth/password/reset", {"email": "owner@example.com"}),
        ("/auth/password/reset/confirm", {"uid": "abc", "token": "x", "newPassword": "correct horse"}),
    ],
)
def test_reset_of_one_account_is_limited_from_everywhere(rates, owner, path, body):
    rates(RATE_LOGIN="1/h")
    api = APIClient()

    first = api.post(path, body, REMOTE_ADDR=HERE, format="json")
    second = api.post(path, body, REMOTE_ADDR=THERE, format="json")

    assert (first.status_code in (204, 400), second.status_code) == (True, 429)


def test_wrong_old_passwords_are_limited(rates, owner):
    rates(RATE_LOGIN="1/h")
    api = APIClient(headers=bearer(owner))
    body = {"oldPassword": "wrong", "newPassword": "another horse battery"}

    assert [api.post("/auth/password/change", body, format="json").status_code for _ in range(2)] == [400, 429]


def test_new_accounts_are_limited_by_address(rates):
    rates(RATE_REGISTER="1/h")
    api = APIClient()

    assert [api.post("/auth/register", {}, format="json").status_code for _ in range(2)] == [400, 429]


@pytest.mark.parametrize(
    ("rate", "path", "form"),
    [
        ("RATE_LOGIN", "/accounts/sign-in", {"username": "owner", "password": "wrong"}),
        ("RATE_LOGIN", "/accounts/password/reset", {"email": "owner@example.com"}),
        ("RATE_LOGIN", "/accounts/password/reset/abc/token", {"password": "x"}),
        ("RATE_REGISTER", "/accounts/register", {"email": "new@example.com"}),
    ],
)
def test_form_sent_too_often_is_answered_with_a_page(rates, owner, rate, path, form):
    rates(**{rate: "1/h"})
    browser = Client(headers={"Accept": "text/html"})
    for _ in range(3):
        assert browser.get(path).status_code == 200
    assert browser.post(path, form).status_code != 429

    refused = browser.post(path, form)

    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 3600
    assert "Too often, too quickly" in refused.content.decode()
    assert browser.get(path).status_code == 200


def test_pages_and_rest_count_together(rates, owner):
    rates(RATE_LOGIN="2/h")
    Client().post("/accounts/sign-in", {"username": "owner", "password": "wrong"}, REMOTE_ADDR=HERE)
    APIClient().post("/auth/login", {"userName": "owner", "password": "wrong"}, format="json", REMOTE_ADDR=THERE)

    refused = Client().post("/accounts/sign-in", {"username": "owner", "password": PASSWORD}, REMOTE_ADDR="192.0.2.1")

    assert refused.status_code == 429


def test_signed_in_page_counts_the_user(rates):
    rates(RATE_LOGIN="1/h")
    user = make_user("clerk")
    browser = Client()
    browser.force_login(user)
    form = {"old_password": "wrong", "password": "another horse battery"}

    answers = [browser.post("/accounts/password", form, REMOTE_ADDR=address).status_code for address in (HERE, THERE)]

    assert answers == [200, 429]
    assert limited_rows()[0][:2] == (user.pk, "CHANGE-PASSWORD")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("method", "path"), [("GET", f"/m/{'0' * 24}/audio"), ("POST", "/meetings/import")])
def test_applications_beside_django_are_limited_too(rates, owner, method, path):
    rates(RATE_DEFAULT="1/h")
    headers = bearer(owner)

    first, refused = call(method, path, headers=headers), call(method, path, headers=headers)

    assert (first.status_code in (400, 404), refused.status_code, refused.json()["code"]) == (True, 429, "rate_limited")
    assert 1 <= int(refused.headers["retry-after"]) <= 3600
    assert limited_rows()[0][1] == ("UPLOAD" if method == "POST" else "GET")
