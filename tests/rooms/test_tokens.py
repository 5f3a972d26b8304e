"""Room tokens, and that none passes for a token of another kind."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
from django.utils import timezone

from accounts import tokens as account_tokens
from accounts.exceptions import BadRefreshToken, NotAuthenticated
from accounts.models import LoginSession
from config.lib.ids import new_id
from rooms import tokens
from rooms.enums import RoomRole
from rooms.exceptions import BadRoomToken
from rooms.tokens import RoomClaims, RoomToken

HOUR = timedelta(hours=1)


@pytest.fixture
def claims() -> RoomClaims:
    return RoomClaims(
        person=tokens.new_guest(), name="Carl", room_id=new_id(), role=RoomRole.VIEWER, seat=tokens.new_seat()
    )


@pytest.fixture
def session(owner) -> LoginSession:
    return LoginSession.objects.create(user=owner, client="x")


def written(claims: RoomClaims, **changes) -> dict:
    said = {"sub": claims.person, "name": "Carl", "room": claims.room_id, "role": "viewer", "pid": claims.seat}
    return {name: value for name, value in {**said, **changes}.items() if value is not None}


@pytest.mark.parametrize("more", [{}, {"session_id": "0" * 24, "origin": "https://meet.example.org"}])
def test_token_says_what_was_said(claims, more):
    said = replace(claims, **more)

    text, expires_at = tokens.make_room(said)

    assert tokens.read_room(text) == said
    assert timedelta(hours=11) < expires_at - timezone.now() <= timedelta(hours=12)
    payload = jwt.decode(text, options={"verify_signature": False})
    assert (payload["typ"], payload["aud"]) == ("room", "tertulia:room")
    assert ("sid" in payload, "origin" in payload) == (bool(more), bool(more))


@pytest.mark.parametrize(
    "changes",
    [
        *({name: None} for name in ("sub", "name", "room", "role", "pid")),
        {"role": "king"},
        {"room": "nothing"},
        {"sub": "g_"},
        {"sub": "somebody"},
    ],
)
def test_token_that_does_not_say_all_is_refused(claims, changes):
    text = RoomToken.signed(written(claims, **changes), issued_at=timezone.now(), lifetime=HOUR)

    with pytest.raises(BadRoomToken):
        tokens.read_room(text)


def test_token_ends(claims):
    text = RoomToken.signed(written(claims), issued_at=timezone.now() - 2 * HOUR, lifetime=HOUR)

    with pytest.raises(BadRoomToken):
        tokens.read_room(text)


def test_forged_token_is_refused(claims, settings):
    text, _ = tokens.make_room(claims)
    head, payload, _ = text.split(".")
    other = jwt.encode(jwt.decode(text, options={"verify_signature": False}), "x" * 64, algorithm="HS256")
    unsigned = jwt.encode({"typ": "room", **written(claims)}, "", algorithm="none")

    for forged in (f"{head}.{payload}.", f"{head}.{payload}.AAAA", other, unsigned, "", "x", "a.b.c"):
        with pytest.raises(BadRoomToken):
            tokens.read_room(forged)


@pytest.mark.django_db
def test_no_kind_of_token_passes_for_another(claims, session):
    room, _ = tokens.make_room(replace(claims, person=session.user_id, session_id=session.pk))
    access, refresh = account_tokens.make_access(session), account_tokens.make_refresh(session)

    for text in (access, refresh):
        with pytest.raises(BadRoomToken):
            tokens.read_room(text)
    with pytest.raises(NotAuthenticated):
        account_tokens.read_access(room)
    with pytest.raises(BadRefreshToken):
        account_tokens.read_refresh(room)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_claims_of_another_kind_under_the_room_key_are_refused(claims, kind):
    text = RoomToken.signed(written(claims, typ=kind), issued_at=timezone.now(), lifetime=HOUR)

    with pytest.raises(BadRoomToken):
        tokens.read_room(text)


@pytest.mark.django_db
def test_room_token_opens_no_rest(api, claims, session, room):
    text, _ = tokens.make_room(replace(claims, person=session.user_id, session_id=session.pk))

    for path in ("/auth/me", f"/room/{room.pk}", "/room/list"):
        assert api.get(path, headers={"Authorization": f"Bearer {text}"}).status_code == 401


@pytest.mark.parametrize(("is_allowed", "token"), [(True, "a.b"), (False, "")])
def test_token_in_an_address_is_read_where_that_is_allowed(settings, is_allowed, token):
    settings.ALLOW_QUERY_TOKENS = is_allowed

    assert tokens.in_query("EIO=4&token=a.b") == token
    assert tokens.in_query("EIO=4") == ""


@pytest.mark.parametrize(
    ("bound", "origin", "is_taken"),
    [
        (None, None, True),
        (None, "https://meet.example.com", True),
        (None, "https://elsewhere.example.com", False),
        ("https://meet.example.com", "https://meet.example.com", True),
        ("https://meet.example.com", None, False),
        ("https://elsewhere.example.com", "https://meet.example.com", False),
        ("https://elsewhere.example.com", "https://elsewhere.example.com", False),
    ],
)
def test_token_is_held_to_its_page_and_pages_to_those_that_are_allowed(settings, bound, origin, is_taken):
    settings.ALLOWED_ORIGINS = ["https://meet.example.com"]
    claims = RoomClaims(new_id(), "Anna", new_id(), RoomRole.VIEWER, new_id(), origin=bound)

    with nullcontext() if is_taken else pytest.raises(BadRoomToken):
        tokens.check_origin(claims, origin)
