"""POST /auth/login."""

import json

import pytest
from django.contrib.auth import hashers

from accounts import tokens
from accounts.models import AuditEvent, LoginSession
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

REFUSED = {"success": False, "message": "The e-mail or the password is wrong.", "code": "bad_credentials"}


def sign_in(api, name, password=PASSWORD, **more):
    return api.post("/auth/login", {"userName": name, "password": password, **more}, format="json")


@pytest.mark.parametrize("name", ["owner@example.com", "OWNER@Example.com ", "owner"])
def test_login_by_email_or_username_answers_tokens_and_user(api, owner, name):
    answer = sign_in(api, name)

    body = answer.json()
    token, refresh_token = body["data"].pop("token"), body["data"].pop("refreshToken")
    assert (answer.status_code, body) == (
        200,
        {
            "success": True,
            "data": {
                "expiresIn": 12 * 60 * 60,
                "user": {
                    "_id": owner.pk,
                    "email": "owner@example.com",
                    "username": "owner",
                    "fName": "Owner",
                    "lName": "Tester",
                    "roles": ["user"],
                    "plan": "professional",
                },
            },
            "message": "User logged in successfully",
        },
    )
    session = LoginSession.objects.get()
    assert tokens.read_access(token) == tokens.AccessClaims(owner.pk, session.pk)
    assert tokens.read_refresh(refresh_token) == tokens.RefreshClaims(owner.pk, session.pk, 0)


def test_access_token_carries_the_claims_that_integrators_read(api, administrator):
    token = sign_in(api, "administrator").json()["data"]["token"]

    claims = dict(tokens.AccessToken.read(token).payload)
    issued, jti = claims.pop("iat"), claims.pop("jti")
    assert len(jti) == 32
    assert claims == {
        "iss": "tertulia",
        "aud": "tertulia:access",
        "typ": "access",
        "sub": administrator.pk,
        "email": "administrator@example.com",
        "name": "Administrator Tester",
        "roles": ["user", "admin"],
        "permissions": ["manage_users", "manage_storage", "appoint_administrators"],
        "plan": "professional",
        "features": [
            "noise_suppression",
            "enhanced_chat",
            "captions",
            "transcripts",
            "summaries",
            "whiteboard",
            "virtual_background",
            "speaker_tagging",
            "analytics",
        ],
        "sid": LoginSession.objects.get().pk,
        "exp": issued + 12 * 60 * 60,
    }


def test_short_sessions_get_access_for_a_quarter_of_an_hour(api, owner):
    answer = sign_in(api, "owner", session="short")

    assert answer.json()["data"]["expiresIn"] == 15 * 60


@pytest.mark.parametrize(("name", "password"), [("owner", "wrong"), ("nobody", PASSWORD), ("no@example.com", PASSWORD)])
def test_login_with_wrong_credentials_is_refused_in_one_way(api, owner, name, password):
    answer = sign_in(api, name, password)

    assert (answer.status_code, answer.json()) == (401, REFUSED)
    assert not LoginSession.objects.exists()


def test_disabled_account_is_refused_like_a_wrong_password(api, owner):
    owner.is_active = False
    owner.save()

    answer = sign_in(api, "owner")

    assert (answer.status_code, answer.json()) == (401, REFUSED)


def test_sign_ins_are_audited_refused_ones_too(api, owner):
    sign_in(api, "owner", "wrong")
    sign_in(api, "nobody")
    sign_in(api, "owner")

    events = AuditEvent.objects.order_by("id").values_list("user_id", "action", "resource", "outcome")
    assert list(events) == [
        (owner.pk, "LOGIN", {"userId": owner.pk}, "refused"),
        (None, "LOGIN", {}, "refused"),
        (owner.pk, "LOGIN", {"userId": owner.pk, "sessionId": LoginSession.objects.get().pk}, "ok"),
    ]


@pytest.mark.parametrize("name", ["owner", "nobody", "nobody@example.com"])
def test_hasher_works_once_whoever_tries(api, owner, name, monkeypatch):
    runs = []
    hasher = type(hashers.get_hasher())
    encode, verify = hasher.encode, hasher.verify
    monkeypatch.setattr(hasher, "encode", lambda *args, **kw: runs.append("encode") or encode(*args, **kw))
    monkeypatch.setattr(hasher, "verify", lambda *args, **kw: runs.append("verify") or verify(*args, **kw))

    sign_in(api, name, "wrong")

    assert len(runs) == 1


@pytest.mark.parametrize("name", ["owner", "nobody"])
def test_refusal_asks_the_database_as_often_whoever_tries(api, owner, name, django_assert_num_queries):
    with django_assert_num_queries(3):
        sign_in(api, name, "wrong")


def test_login_ignores_a_stale_bearer(api, owner):
    answer = api.post(
        "/auth/login", {"userName": "owner", "password": PASSWORD}, format="json", HTTP_AUTHORIZATION="Bearer old"
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("field", ["userName", "password"])
@pytest.mark.parametrize("text", ["\x00", "a\ud800"])
def test_login_with_text_that_cannot_be_stored_is_a_bad_request(api, owner, field, text):
    body = json.dumps({"userName": "owner", "password": PASSWORD, field: text})

    answer = api.post("/auth/login", body, content_type="application/json")

    assert (answer.status_code, answer.json()["code"], list(answer.json()["errors"])) == (400, "invalid", [field])
