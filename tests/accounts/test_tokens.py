"""Tokens that are forged, crossed or expired."""

import base64
import json

import jwt
import pytest

from accounts import actions, tokens
from accounts.clients import Client
from accounts.enums import SessionKind
from accounts.exceptions import BadRefreshToken, NotAuthenticated

pytestmark = pytest.mark.django_db


def encoded(part) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def key(kind) -> bytes:
    return kind().get_token_backend().prepared_signing_key


def forgeries(pair, settings):
    """Each a way to make a token that must not pass as access."""
    good = tokens.AccessToken.read(pair.access).payload
    head, body, signature = pair.access.split(".")
    access_key = key(tokens.AccessToken)
    return {
        "refresh as access": pair.refresh,
        "no signature": f"{head}.{body}.",
        "alg none": f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        "alg None, old signature": f"{encoded({'alg': 'None'})}.{body}.{signature}",
        "another algorithm": jwt.encode(good, access_key, algorithm="HS512"),
        "plain secret key": jwt.encode(good, settings.SECRET_KEY, algorithm="HS256"),
        "key of refresh": jwt.encode(good, key(tokens.RefreshToken), algorithm="HS256"),
        "audience of refresh": jwt.encode({**good, "aud": "tertulia:refresh"}, access_key, algorithm="HS256"),
        "no audience": jwt.encode({k: v for k, v in good.items() if k != "aud"}, access_key, algorithm="HS256"),
        "other issuer": jwt.encode({**good, "iss": "other"}, access_key, algorithm="HS256"),
        "no issuer": jwt.encode({k: v for k, v in good.items() if k != "iss"}, access_key, algorithm="HS256"),
        "other type": jwt.encode({**good, "typ": "refresh"}, access_key, algorithm="HS256"),
        "no type": jwt.encode({k: v for k, v in good.items() if k != "typ"}, access_key, algorithm="HS256"),
        "expired": jwt.encode({**good, "exp": good["iat"] - 1}, access_key, algorithm="HS256"),
        "no expiry": jwt.encode({k: v for k, v in good.items() if k != "exp"}, access_key, algorithm="HS256"),
        "no session": jwt.encode({k: v for k, v in good.items() if k != "sid"}, access_key, algorithm="HS256"),
        "no such session": jwt.encode({**good, "sid": "0" * 24}, access_key, algorithm="HS256"),
        "own key in the header": jwt.encode(good, "k" * 64, algorithm="HS256", headers={"jwk": {"k": "k" * 64}}),
        "cut": pair.access[:-1],
        "body exchanged": f"{head}.{encoded({**good, 'roles': ['admin']})}.{signature}",
        "not a token": "a.b.c",
        "empty": "",
    }


FORGERIES = [
    "refresh as access",
    "no signature",
    "alg none",
    "alg None, old signature",
    "another algorithm",
    "plain secret key",
    "key of refresh",
    "audience of refresh",
    "no audience",
    "other issuer",
    "no issuer",
    "other type",
    "no type",
    "expired",
    "no expiry",
    "no session",
    "no such session",
    "own key in the header",
    "cut",
    "body exchanged",
    "not a token",
    "empty",
]


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_access_token_is_refused(api, pair, settings, name):
    token = forgeries(pair, settings)[name]

    answer = api.get("/auth/me", HTTP_AUTHORIZATION=f"Bearer {token}")

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_list_of_forgeries_is_complete(pair, settings):
    assert list(forgeries(pair, settings)) == FORGERIES


@pytest.mark.parametrize("name", ["alg none", "no signature", "cut", "not a token", "audience of refresh"])
def test_forged_refresh_token_is_refused(api, pair, settings, name):
    answer = api.post("/auth/refresh", {"refreshToken": forgeries(pair, settings)[name]}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (401, "bad_refresh_token")


def test_access_token_is_no_refresh_token(pair):
    with pytest.raises(BadRefreshToken):
        tokens.read_refresh(pair.access)


def test_refresh_token_is_no_access_token(pair):
    with pytest.raises(NotAuthenticated):
        tokens.read_access(pair.refresh)


def test_refresh_token_is_a_function_of_its_row(owner):
    actions.start_session(by=owner, kind=SessionKind.LONG, client=Client())
    session = owner.login_sessions.get()

    assert tokens.make_refresh(session) == tokens.make_refresh(type(session).objects.get())


@pytest.mark.parametrize("header", ["Basic b3duZXI6eA==", "Bearer", "Token abc"])
def test_other_schemes_are_refused(api, header):
    answer = api.get("/auth/me", HTTP_AUTHORIZATION=header)

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
