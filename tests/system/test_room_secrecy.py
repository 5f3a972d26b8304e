"""Nobody hears a room that they are not in, and no token opens one that it is not for."""

import json
import re
from collections.abc import Iterable
from contextlib import suppress

import httpx
import jwt
import pytest
import websockets

from tests.factories import PASSWORD
from tests.rooms.realtime.clients import connected, joined, room_token
from tests.system.processes import run_manage

pytestmark = pytest.mark.asyncio

CANARY = "kookaburra"
BAD_TOKEN, REMOVED = 4401, 4403

# Signs, with the keys of the system, what it would never give.
SIGN = """
from datetime import timedelta
from django.utils import timezone
from rooms.tokens import RoomToken
claims = {claims}
begins = timezone.now() + timedelta(hours={begins})
print("token", RoomToken.signed(claims, issued_at=begins, lifetime=timedelta(hours=1)))
"""


@pytest.fixture
def room(host):
    return host.post("/room/create", {"name": "Sung in", "type": "meeting"})["id"]


@pytest.fixture
def neighbour(host):
    return host.post("/room/create", {"name": "Next door", "type": "meeting"})["id"]


def claims_of(token: str) -> dict:
    return jwt.decode(token, options={"verify_signature": False})


def signed(system, token: str, *, begins: int = 0, **changes) -> str:
    """Make a token like another, with the system's own keys."""
    claims = {key: value for key, value in claims_of(token).items() if key not in ("iat", "exp", "aud", "iss", "jti")}
    done = run_manage(system.data_dir, "shell", "-c", SIGN.format(claims={**claims, **changes}, begins=begins))
    return re.search(r"^token (\S+)$", done.stdout, re.MULTILINE)[1]


def forged(token: str) -> Iterable[str]:
    """Write tokens that the system did not sign as they are."""
    claims = claims_of(token)
    head, body, signature = token.split(".")
    yield jwt.encode(claims, "a key of one's own that is long enough", algorithm="HS256")
    yield jwt.encode(claims, "", algorithm="none")
    yield f"{head}.{jwt.encode({**claims, 'role': 'host'}, 'x' * 32, algorithm='HS256').split('.')[1]}.{signature}"
    yield f"{head}.{body}."
    yield f"{head}.{body}.{signature[:-2]}"


async def closing(base_url, room, token) -> int:
    """Knock with a token; give the code with which the socket closes."""
    async with connected(base_url, room, token) as client:
        with suppress(websockets.ConnectionClosed):
            await client.say("room.join", roomId=room)
        return await client.closes()


async def sing(client, to: str) -> None:
    """Say everything that reaches others, with the canary in it."""
    for kind, fields in [
        ("chat-box", {"msg": CANARY}),
        ("chat-box", {"msg": CANARY, "to": to}),
        ("reaction", {"emoji": CANARY}),
        ("signal", {"to": to, "description": {"sdp": CANARY}}),
        ("annotation", {"shape": CANARY}),
        ("product-selected", {"productId": CANARY, "title": CANARY}),
        ("sharing-toggle", {"on": True, "streamId": CANARY}),
    ]:
        await client.asks(kind, **fields)


async def test_neighbours_hear_nothing_whichever_process_they_are_at(host, guest, third, room, neighbour, other_web):
    async with (
        joined(host, room) as singer,
        joined(guest, room, base_url=other_web) as hearer,
        joined(third, neighbour) as near,
        joined(third, neighbour, base_url=other_web) as far,
        connected(third.base_url, room, room_token(third, room)) as waiting,
    ):
        await sing(singer, guest.id)
        await hearer.hears("sharing-toggle")
        # What each hears last came after all that was sung.
        await near.asks("raise-hand", on=True)
        await far.asks("raise-hand", on=False)
        await waiting.asks("raise-hand")

    assert json.dumps(hearer.heard).count(CANARY) >= 7
    assert [CANARY in json.dumps(client.heard) for client in (near, far, waiting)] == [False] * 3


async def test_private_words_reach_their_person_alone_and_are_replayed_to_nobody_else(host, guest, third, room):
    token = room_token(third, room)
    async with joined(host, room) as singer, joined(guest, room) as hearer, joined(third, room, token=token) as near:
        known = near.heard[0]
        for kind, fields in [("chat-box", {"msg": CANARY}), ("signal", {"description": {"sdp": CANARY}})]:
            await singer.asks(kind, to=guest.id, **fields)
            await hearer.hears(kind)
        await near.asks("raise-hand", on=True)
        async with (
            joined(third, room, token=token, epoch=known["epoch"], lastSeq=0, lastPseq=0) as again,
            joined(third, room) as anew,
        ):
            for client in (again, anew):
                await client.asks("raise-hand", on=True)

    assert CANARY in json.dumps(hearer.heard)
    assert [CANARY in json.dumps(client.heard) for client in (near, again, anew)] == [False] * 3


async def test_connection_joins_no_other_room_than_that_of_its_token(host, guest, third, room, neighbour):
    async with joined(host, room) as singer, joined(guest, room), joined(third, neighbour) as near:
        async with connected(third.base_url, neighbour, room_token(third, neighbour)) as other:
            refused = await other.asks("room.join", roomId=room)
            await sing(singer, guest.id)
            await other.asks("raise-hand")
        await near.asks("raise-hand")

    assert refused["code"] == "not_allowed"
    assert CANARY not in json.dumps([near.heard, other.heard])


async def test_tokens_of_another_room_or_kind_and_forged_ones_open_nothing(system, host, guest, room, neighbour):
    token = room_token(guest, room)
    signed_in = httpx.post(
        f"{system.base_url}/auth/login", json={"userName": guest.email, "password": PASSWORD}, timeout=30
    ).json()["data"]
    bad = {
        "of another room": room_token(guest, neighbour),
        "access": signed_in["token"],
        "refresh": signed_in["refreshToken"],
        "expired": signed(system, token, begins=-2),
        "without a seat": signed(system, token, pid=None, begins=-2),
        "of no role": signed(system, token, role="emperor"),
        "of no room": signed(system, token, room="*"),
        **{f"forged {number}": text for number, text in enumerate(forged(token))},
    }
    codes = {name: await closing(system.base_url, room, text) for name, text in bad.items()}

    assert codes == dict.fromkeys(bad, BAD_TOKEN)


async def test_room_token_is_no_access_token(system, guest, room):
    headers = {"Authorization": f"Bearer {room_token(guest, room)}"}

    answers = [
        httpx.get(f"{system.base_url}/room/{room}", headers=headers, timeout=30),
        httpx.post(f"{system.base_url}/room/{room}/token", headers=headers, json={}, timeout=30),
    ]

    assert [answer.status_code for answer in answers] == [401, 401]


async def test_role_that_is_signed_too_high_is_held_to_that_of_the_person(system, host, guest, room):
    token = signed(system, room_token(guest, room), role="host")
    async with joined(host, room), joined(guest, room, token=token) as other:
        refused = await other.asks("room-lock", on=True)

    assert other.heard[0]["self"]["role"] == "participant"
    assert refused["code"] == "not_allowed"


async def test_token_of_somebody_removed_opens_nothing_again_at_any_process(system, host, guest, room, other_web):
    tokens = [room_token(guest, room), room_token(guest, room)]
    async with joined(host, room) as one, joined(guest, room, token=tokens[0]) as two:
        await one.asks("remove-participant", to=guest.id)
        first = await two.closes()
        codes = [await closing(base_url, room, token) for base_url in (system.base_url, other_web) for token in tokens]

    assert (first, codes) == (REMOVED, [REMOVED] * 4)
