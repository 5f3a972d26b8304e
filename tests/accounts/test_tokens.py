"""Tokens that are forged, crossed or expired."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.conf import settings

from accounts import actions, tokens
from accounts.clients import Client
from accounts.enums import SessionKind
from accounts.exceptions import BadRefreshToken, NotAuthenticated
from accounts.models import User
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


@dataclass
class Genuine:
    """What a forger has seen: the tokens of a sign-in, and the parts and claims of the access token."""

    pair: actions.TokenPair
    stranger: User

    def __post_init__(self):
        self.good = tokens.AccessToken.read(self.pair.access).payload
        self.head, self.body, self.signature = self.pair.access.split(".")


RSA = rsa.generate_private_key(65537, 2048)
PEM = RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
# Each a way to make a token that must not pass as access.
FORGERIES = {
    "refresh as access": lambda it: it.pair.refresh,
    "no signature": lambda it: f"{it.head}.{it.body}.",
    "no signature and no dot": lambda it: f"{it.head}.{it.body}",
    "alg none": lambda it: f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{it.body}.",
    "alg NONE": lambda it: f"{encoded({'alg': 'NONE'})}.{it.body}.",
    "alg None, old signature": lambda it: f"{encoded({'alg': 'None'})}.{it.body}.{it.signature}",
    "alg empty": lambda it: f"{encoded({'alg': ''})}.{it.body}.{it.signature}",
    "no alg": lambda it: f"{encoded({'typ': 'JWT'})}.{it.body}.{it.signature}",
    "alg is a list": lambda it: f"{encoded({'alg': ['HS256']})}.{it.body}.{it.signature}",
    "HS384": lambda it: jwt.encode(it.good, key(tokens.AccessToken), algorithm="HS384"),
    "HS512": lambda it: jwt.encode(it.good, key(tokens.AccessToken), algorithm="HS512"),
    "RS256": lambda it: jwt.encode(it.good, RSA, algorithm="RS256"),
    "ES256": lambda it: jwt.encode(it.good, ec.generate_private_key(ec.SECP256R1()), algorithm="ES256"),
    "public key as secret": lambda it: signed(it.good, PEM),
    "plain secret key": lambda it: signed(it.good, settings.SECRET_KEY.encode()),
    "empty key": lambda it: signed(it.good, b"\0"),
    "key of refresh": lambda it: signed(it.good, key(tokens.RefreshToken)),
    "key of rooms": lambda it: signed(it.good, tokens._backend("room", settings.SECRET_KEY).prepared_signing_key),
    "key of machines": lambda it: signed(it.good, tokens._backend("machine", settings.SECRET_KEY).prepared_signing_key),
    "key of another server": lambda it: signed(it.good, tokens._backend("access", "other").prepared_signing_key),
    "audience of refresh": lambda it: signed({**it.good, "aud": "tertulia:refresh"}),
    "audience of rooms": lambda it: signed({**it.good, "aud": "tertulia:room"}),
    "audience empty": lambda it: signed({**it.good, "aud": []}),
    "no audience": lambda it: signed(without(it.good, "aud")),
    "other issuer": lambda it: signed({**it.good, "iss": "other"}),
    "no issuer": lambda it: signed(without(it.good, "iss")),
    "other type": lambda it: signed({**it.good, "typ": "refresh"}),
    "no type": lambda it: signed(without(it.good, "typ")),
    "expired": lambda it: signed({**it.good, "exp": it.good["iat"] - 1}),
    "no expiry": lambda it: signed(without(it.good, "exp")),
    "expiry is no number": lambda it: signed({**it.good, "exp": "never"}),
    "not valid yet": lambda it: signed({**it.good, "nbf": it.good["iat"] + 3600}),
    "issued tomorrow": lambda it: signed({**it.good, "iat": it.good["iat"] + 86400}),
    "no session": lambda it: signed(without(it.good, "sid")),
    "no such session": lambda it: signed({**it.good, "sid": "0" * 24}),
    "session is no text": lambda it: signed({**it.good, "sid": {"pk": it.good["sid"]}}),
    "session is NUL": lambda it: signed({**it.good, "sid": "\0"}),
    "no user": lambda it: signed(without(it.good, "sub")),
    "another user's name on it": lambda it: signed({**it.good, "sub": it.stranger.pk}),
    "own key in the header": lambda it: signed(it.good, b"k" * 32, {"alg": "HS256", "jwk": {"kty": "oct", "k": "a2s"}}),
    "kid of a file": lambda it: signed(it.good, b"\0", {"alg": "HS256", "kid": "../../../../dev/null"}),
    "kid of a query": lambda it: signed(it.good, b"x", {"alg": "HS256", "kid": "' UNION SELECT 'x"}),
    "key by address": lambda it: signed(it.good, b"x", {"alg": "HS256", "jku": "http://127.0.0.1/keys"}),
    "critical extension": lambda it: signed(it.good, None, {"alg": "HS256", "crit": ["b64"], "b64": False}),
    "cut": lambda it: it.pair.access[:-1],
    "cut in the middle": lambda it: it.pair.access[: len(it.pair.access) // 2],
    "signature exchanged": lambda it: f"{it.head}.{it.body}.{it.pair.refresh.rpartition('.')[2]}",
    "body exchanged": lambda it: f"{it.head}.{encoded({**it.good, 'roles': ['admin']})}.{it.signature}",
    "body is a list": lambda it: signed([it.good]),
    "body is no JSON": lambda it: f"{it.head}.e30e30.{it.signature}",
    "one part too many": lambda it: f"{it.pair.access}.{it.signature}",
    "two tokens": lambda it: f"{it.pair.access} {it.pair.access}",
    "not a token": lambda it: "a.b.c",
    "beyond ASCII": lambda it: f"{it.head}.{it.body}.é{it.signature[1:]}",
    "very long": lambda it: "a" * 60_000,
    "empty": lambda it: "",
}


@pytest.fixture
def genuine(pair, stranger) -> Genuine:
    return Genuine(pair, stranger)


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_access_token_is_refused(api, genuine, name):
    token = FORGERIES[name](genuine)

    answer = api.get("/auth/me", HTTP_AUTHORIZATION=f"Bearer {token}")

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_forged_access_tokens_are_refused_beside_django_too(genuine):
    def status(token):
        header = (b"Authorization", f"Bearer {token}".encode("latin-1"))
        return call("GET", f"/m/{'0' * 24}/audio", headers=[header]).status_code

    found = {name: status(forge(genuine)) for name, forge in FORGERIES.items()}

    assert found == dict.fromkeys(FORGERIES, 401)


def test_hand_that_forges_could_sign_a_good_one(api, pair):
    token = signed(tokens.AccessToken.read(pair.access).payload)

    assert api.get("/auth/me", HTTP_AUTHORIZATION=f"Bearer {token}").status_code == 200


@pytest.mark.parametrize("name", ["alg none", "no signature", "cut", "not a token", "audience of refresh"])
def test_forged_refresh_token_is_refused(api, genuine, name):
    answer = api.post("/auth/refresh", {"refreshToken": FORGERIES[name](genuine)}, format="json")

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
