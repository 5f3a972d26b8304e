"""Session cookies with CSRF beside bearer tokens, for Django's views and for the applications beside them."""

import pytest
from django.contrib.auth import authenticate
from rest_framework.request import Request
from rest_framework.test import APIClient, APIRequestFactory

from accounts import actions
from accounts.api.authentication import PageSessionAuthentication, authenticate_scope
from accounts.enums import SessionKind
from accounts.exceptions import CsrfRefused, NotAuthenticated
from accounts.models import User
from tests.accounts.conftest import HERE

pytestmark = pytest.mark.django_db

CHANGE = {"fName": "Olga"}


@pytest.fixture
def page(owner) -> APIClient:
    """A browser of the owner that has seen a page of ours, and so has both cookies."""
    browser = APIClient(enforce_csrf_checks=True)
    browser.get("/accounts/sign-in")
    browser.login(username="owner@example.com", password="correct horse battery")
    return browser


def csrf(page) -> str:
    return page.cookies["csrftoken"].value


def headers_of(page, **more) -> dict[str, str]:
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in page.cookies.items())
    return {"host": "127.0.0.1:8000", "cookie": cookies, **more}


def test_cookie_reads(page):
    assert page.get("/auth/me").json()["data"]["user"]["username"] == "owner"


def test_cookie_without_csrf_token_changes_nothing(page, owner):
    answer = page.patch("/auth/me", CHANGE, format="json")

    assert (answer.status_code, answer.json()) == (
        403,
        {
            "success": False,
            "message": "The request does not come from one of our pages: reload the page and try again.",
            "code": "csrf_failed",
        },
    )
    owner.refresh_from_db()
    assert owner.first_name == "Owner"


def test_cookie_with_csrf_token_changes(page):
    answer = page.patch("/auth/me", CHANGE, format="json", HTTP_X_CSRFTOKEN=csrf(page))

    assert answer.status_code == 200


def test_cookie_with_csrf_token_from_a_foreign_origin_is_refused(page):
    answer = page.patch(
        "/auth/me", CHANGE, format="json", HTTP_X_CSRFTOKEN=csrf(page), HTTP_ORIGIN="https://evil.example"
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


def test_header_wins_over_the_cookie(page, stranger):
    pair = actions.start_session(by=stranger, kind=SessionKind.LONG, client=HERE)

    answer = page.get("/auth/me", HTTP_AUTHORIZATION=f"Bearer {pair.access}")

    assert answer.json()["data"]["user"]["username"] == "stranger"


@pytest.mark.parametrize("header", ["Bearer nonsense", "Basic b3duZXI6eA==", ""])
def test_bad_header_is_not_made_good_by_a_cookie(page, header):
    assert page.get("/auth/me", HTTP_AUTHORIZATION=header).status_code == 401


def test_cookie_authentication_alone_steps_aside_for_a_header(owner):
    request = APIRequestFactory().get("/auth/me", HTTP_AUTHORIZATION="Bearer nonsense")
    request.user = owner

    assert PageSessionAuthentication().authenticate(Request(request)) is None


def test_scope_without_credentials_is_nobody():
    assert authenticate_scope({"host": "127.0.0.1"}, method="POST") is None


def test_scope_with_a_dead_cookie_is_nobody():
    assert authenticate_scope({"cookie": "sessionid=abc; csrftoken=x"}, method="POST") is None


def test_scope_with_a_bearer_is_its_user(owner, pair):
    assert authenticate_scope({"authorization": f"Bearer {pair.access}"}, method="POST") == owner


def test_scope_with_a_bad_bearer_and_a_cookie_is_refused(page):
    with pytest.raises(NotAuthenticated):
        authenticate_scope(headers_of(page, authorization="Bearer nonsense"), method="GET")


def test_scope_with_a_cookie_may_read(page, owner):
    assert authenticate_scope(headers_of(page), method="GET") == owner


@pytest.mark.parametrize("more", [{}, {"x-csrftoken": "x" * 32}])
def test_scope_with_a_cookie_alone_may_not_write(page, more):
    with pytest.raises(CsrfRefused):
        authenticate_scope(headers_of(page, **more), method="POST")


@pytest.mark.parametrize("origin", [None, "http://127.0.0.1:8000"])
def test_scope_with_cookie_and_csrf_token_may_write(page, owner, origin):
    more = {"origin": origin} if origin else {}

    assert authenticate_scope(headers_of(page, **{"x-csrftoken": csrf(page)}, **more), method="POST") == owner


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:9999", "null"])
def test_scope_from_a_foreign_origin_is_refused(page, origin):
    with pytest.raises(CsrfRefused):
        authenticate_scope(headers_of(page, **{"x-csrftoken": csrf(page)}, origin=origin), method="POST")


def test_scope_over_https_takes_its_own_origin(page, owner, settings):
    settings.ALLOWED_HOSTS = ["minutes.example"]
    here = {"host": "minutes.example:8544", "origin": "https://minutes.example:8544", "x-csrftoken": csrf(page)}

    assert authenticate_scope(headers_of(page) | here, method="POST", scheme="https") == owner


def test_scope_over_https_refuses_a_page_that_came_without(page, settings):
    settings.ALLOWED_HOSTS = ["minutes.example"]
    here = {"host": "minutes.example:8544", "origin": "http://minutes.example:8544", "x-csrftoken": csrf(page)}

    with pytest.raises(CsrfRefused):
        authenticate_scope(headers_of(page) | here, method="POST", scheme="https")


def test_credentials_of_another_kind_are_nobodys(owner):
    assert authenticate(token="abc") is None


def test_scope_of_a_disabled_account_is_nobody(page):
    User.objects.update(is_active=False)

    assert authenticate_scope(headers_of(page), method="GET") is None


def test_cookie_ends_when_the_user_is_signed_out_everywhere(page, owner):
    actions.end_sessions(user=owner, by=owner, client=HERE)

    assert page.get("/auth/me").status_code == 401
    assert authenticate_scope(headers_of(page), method="GET") is None
