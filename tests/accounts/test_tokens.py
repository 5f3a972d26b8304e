"""Tokens that are forged, crossed or expired."""

import base64
import hashlib
import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from accounts import actions, tokens
from accounts.clients import Client
from accounts.enums import SessionKind
from accounts.exceptions import BadRefreshToken, NotAuthenticated
from tests.asgi import call

pytestmark = pytest.mark.django_db


def encoded(part) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def key(kind) -> bytes:
    return kind().get_token_backend().prepared_signing_key


def signed(body, secret=None, head=None) -> str:
    """Sign by hand, since libraries refuse to make what attackers make."""
    said = f"{encoded(head or {'alg': 'HS256', 'typ': 'JWT'})}.{encoded(body)}"
    signature = hmac.digest(secret or key(tokens.AccessToken), said.encode(), hashlib.sha256)
    return f"{said}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def without(body, *names):
    return {name: value for name, value in body.items() if name not in names}


def forgeries(pair, settings, stranger):
    """Each a way to make a token that must not pass as access."""
    good = tokens.AccessToken.read(pair.access).payload
    head, body, signature = pair.access.split(".")
    access_key, refresh_key = key(tokens.AccessToken), key(tokens.RefreshToken)
    pem = RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    now = good["iat"]
    return {
        "refresh as access": pair.refresh,
        "no signature": f"{head}.{body}.",
        "no signature and no dot": f"{head}.{body}",
        "alg none": f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        "alg NONE": f"{encoded({'alg': 'NONE'})}.{body}.",
        "alg None, old signature": f"{encoded({'alg': 'None'})}.{body}.{signature}",
        "alg empty": f"{encoded({'alg': ''})}.{body}.{signature}",
        "no alg": f"{encoded({'typ': 'JWT'})}.{body}.{signature}",
        "alg is a list": f"{encoded({'alg': ['HS256']})}.{body}.{signature}",
        "HS384": jwt.encode(good, access_key, algorithm="HS384"),
        "HS512": jwt.encode(good, access_key, algorithm="HS512"),
        "RS256": jwt.encode(good, RSA, algorithm="RS256"),
        "ES256": jwt.encode(good, ec.generate_private_key(ec.SECP256R1()), algorithm="ES256"),
        "public key as secret": signed(good, pem),
        "plain secret key": signed(good, settings.SECRET_KEY.encode()),
        "empty key": signed(good, b"\0"),
        "key of refresh": signed(good, refresh_key),
        "key of rooms": signed(good, tokens._backend("room", settings.SECRET_KEY).prepared_signing_key),
        "key of machines": signed(good, tokens._backend("machine", settings.SECRET_KEY).prepared_signing_key),
        "key of another server": signed(good, tokens._backend("access", "another secret").prepared_signing_key),
        "audience of refresh": signed({**good, "aud": "tertulia:refresh"}),
        "audience of rooms": signed({**good, "aud": "tertulia:room"}),
        "audience empty": signed({**good, "aud": []}),
        "no audience": signed(without(good, "aud")),
        "other issuer": signed({**good, "iss": "other"}),
        "no issuer": signed(without(good, "iss")),
        "other type": signed({**good, "typ": "refresh"}),
        "no type": signed(without(good, "typ")),
        "expired": signed({**good, "exp": now - 1}),
        "no expiry": signed(without(good, "exp")),
        "expiry is no number": signed({**good, "exp": "never"}),
        "not valid yet": signed({**good, "nbf": now + 3600}),
        "issued tomorrow": signed({**good, "iat": now + 86400}),
        "no session": signed(without(good, "sid")),
        "no such session": signed({**good, "sid": "0" * 24}),
        "session is no text": signed({**good, "sid": {"pk": good["sid"]}}),
        "session is NUL": signed({**good, "sid": "\0"}),
        "no user": signed(without(good, "sub")),
        "another user's name on it": signed({**good, "sub": stranger.pk}),
        "own key in the header": signed(good, b"k" * 32, {"alg": "HS256", "jwk": {"kty": "oct", "k": "a2tr"}}),
        "kid of a file": signed(good, b"\0", {"alg": "HS256", "kid": "../../../../dev/null"}),
        "kid of a query": signed(good, b"x", {"alg": "HS256", "kid": "' UNION SELECT 'x"}),
        "key by address": signed(good, b"x", {"alg": "HS256", "jku": "http://127.0.0.1/keys"}),
        "critical extension": signed(good, None, {"alg": "HS256", "crit": ["b64"], "b64": False}),
        "cut": pair.access[:-1],
        "cut in the middle": pair.access[: len(pair.access) // 2],
        "signature exchanged": f"{head}.{body}.{pair.refresh.rpartition('.')[2]}",
        "body exchanged": f"{head}.{encoded({**good, 'roles': ['admin']})}.{signature}",
        "body is a list": signed([good]),
        "body is no JSON": f"{head}.e30e30.{signature}",
        "one part too many": f"{pair.access}.{signature}",
        "two tokens": f"{pair.access} {pair.access}",
        "not a token": "a.b.c",
        "beyond ASCII": f"{head}.{body}.é{signature[1:]}",
        "very long": "a" * 60_000,
        "empty": "",
    }


RSA = rsa.generate_private_key(65537, 2048)
FORGERIES = [
    "refresh as access",
    "no signature",
    "no signature and no dot",
    "alg none",
    "alg NONE",
    "alg None, old signature",
    "alg empty",
    "no alg",
    "alg is a list",
    "HS384",
    "HS512",
    "RS256",
    "ES256",
    "public key as secret",
    "plain secret key",
    "empty key",
    "key of refresh",
    "key of rooms",
    "key of machines",
    "key of another server",
    "audience of refresh",
    "audience of rooms",
    "audience empty",
    "no audience",
    "other issuer",
    "no issuer",
    "other type",
    "no type",
    "expired",
    "no expiry",
    "expiry is no number",
    "not valid yet",
    "issued tomorrow",
    "no session",
    "no such session",
    "session is no text",
    "session is NUL",
    "no user",
    "another user's name on it",
    "own key in the header",
    "kid of a file",
    "kid of a query",
    "key by address",
    "critical extension",
    "cut",
    "cut in the middle",
    "signature exchanged",
    "body exchanged",
    "body is a list",
    "body is no JSON",
    "one part too many",
    "two tokens",
    "not a token",
    "beyond ASCII",
    "very long",
    "empty",
]


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_access_token_is_refused(api, pair, settings, stranger, name):
    token = forgeries(pair, settings, stranger)[name]

    answer = api.get("/auth/me", HTTP_AUTHORIZATION=f"Bearer {token}")

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_forged_access_tokens_are_refused_beside_django_too(pair, settings, stranger):
    def status(token):
        header = (b"Authorization", f"Bearer {token}".encode("latin-1"))
        return call("GET", f"/m/{'0' * 24}/audio", headers=[header]).status_code

    found = {name: status(token) for name, token in forgeries(pair, settings, stranger).items()}

    assert found == dict.fromkeys(FORGERIES, 401)


def test_hand_that_forges_could_sign_a_good_one(api, pair):
    token = signed(tokens.AccessToken.read(pair.access).payload)

    assert api.get("/auth/me", HTTP_AUTHORIZATION=f"Bearer {token}").status_code == 200


def test_list_of_forgeries_is_complete(pair, settings, stranger):
    assert list(forgeries(pair, settings, stranger)) == FORGERIES


@pytest.mark.parametrize("name", ["alg none", "no signature", "cut", "not a token", "audience of refresh"])
def test_forged_refresh_token_is_refused(api, pair, settings, stranger, name):
    answer = api.post("/auth/refresh", {"refreshToken": forgeries(pair, settings, stranger)[name]}, format="json")

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
