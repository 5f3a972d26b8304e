"""Notices to one person on all their tabs, and ringing others up, against a running system with two web processes."""

import json
from contextlib import asynccontextmanager

import httpx
import pytest
import websockets

from tests.factories import PASSWORD
from tests.rooms.realtime.clients import Client
from tests.system.people import register

pytestmark = pytest.mark.asyncio


@pytest.fixture
def room(host, guest):
    room = host.post("/room/create", {"name": "Calls", "type": "meeting"})["id"]
    guest.post(f"/room/{room}/token", {})
    return room


@asynccontextmanager
async def listening(base_url, bearer="", **options):
    """Listen to notices while the block lasts."""
    protocols = ["meet.v1", *([f"bearer.{bearer}"] if bearer else [])]
    address = f"{base_url.replace('http', 'ws', 1)}/ws/me"
    async with websockets.connect(address, subprotocols=protocols, **options) as socket:
        yield Client(socket, "", bearer)


@asynccontextmanager
async def tab(person, base_url=""):
    async with listening(base_url or person.base_url, person.headers["Authorization"].removeprefix("Bearer ")) as one:
        # Whoever is answered listens.
        await one.asks("nonsense")
        yield one


async def test_ring_reaches_all_tabs_and_the_answer_both_sides(host, guest, room, other_web):
    async with tab(host) as one, tab(guest) as two, tab(guest, other_web) as three:
        rung = await one.asks("ring", to=guest.id, roomId=room)
        rings = [await client.hears("ring") for client in (two, three)]
        await two.asks("ring-answer", callId=rung["callId"], accept=False, cause="busy")
        answers = [await client.hears("ring-answer") for client in (one, three)]
        again = await three.asks("ring-answer", callId=rung["callId"], accept=True)

    ring = {"callId": rung["callId"], "from": host.id, "username": "Host Tester", "roomId": room}
    assert rings == [{"type": "ring", **ring}] * 2
    assert answers == [{"type": "ring-answer", "callId": rung["callId"], "accept": False, "cause": "busy"}] * 2
    assert (again["type"], again["code"]) == ("error", "not_allowed")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"type": "ring"}, "bad_payload"),
        ({"type": "ring", "to": "nobody", "roomId": "ROOM"}, "not_allowed"),
        ({"type": "ring", "to": "THIRD", "roomId": "ROOM"}, "not_allowed"),
        ({"type": "ring-answer", "callId": "nothing", "accept": True}, "not_allowed"),
        ({"type": "nonsense"}, "unknown_type"),
        ({"type": "nonsense", "long": "x" * 70_000}, "too_large"),
    ],
)
async def test_what_cannot_be_taken_is_refused(host, third, room, said, code):
    named = {"ROOM": room, "THIRD": third.id}
    async with tab(host) as one:
        await one.socket.send(json.dumps({key: named.get(value, value) for key, value in said.items()}))
        answer = await one.hears("error", code=code)

    assert answer["code"] == code


async def test_stranger_to_the_room_rings_nobody_up(host, third, room):
    async with tab(third) as one:
        answer = await one.asks("ring", to=host.id, roomId=room)

    assert (answer["type"], answer["code"]) == ("error", "not_allowed")


@pytest.mark.parametrize("bearer", ["", "nonsense", "a.b.c"])
async def test_whoever_is_nobody_hears_nothing(system, bearer):
    async with listening(system.base_url, bearer) as one:
        assert await one.closes() == 4401


async def test_page_listens_with_its_cookie_from_our_origin_alone(system, guest, host, room):
    with httpx.Client(base_url=system.base_url) as browser:
        browser.get("/accounts/sign-in")
        form = {"username": guest.email, "password": PASSWORD, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        signed_in = browser.post("/accounts/sign-in", data=form, headers={"Origin": system.base_url})
        cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}
        async with listening(system.base_url, additional_headers=cookie, origin=system.base_url) as one:
            await one.asks("nonsense")
            async with tab(host) as other:
                await other.asks("ring", to=guest.id, roomId=room)
            heard = await one.hears("ring")
            codes = []
            for origin in (None, "https://elsewhere.example", "null"):
                async with listening(system.base_url, additional_headers=cookie, origin=origin) as stranger:
                    codes.append(await stranger.closes())
            form = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
            signed_out = browser.post("/accounts/sign-out", data=form, headers={"Origin": system.base_url})
            codes.append(await one.closes())

    assert (signed_in.status_code, signed_out.status_code) == (302, 302)
    assert heard["from"] == host.id
    assert codes == [4401] * 4


async def test_sign_out_closes_the_socket(system):
    person = register(system, "leaver")
    signed_in = httpx.post(
        f"{system.base_url}/auth/login", json={"userName": person.email, "password": PASSWORD}, timeout=30
    ).json()["data"]
    person.headers = {"Authorization": f"Bearer {signed_in['token']}"}
    async with tab(person) as one:
        gone = {"refreshToken": signed_in["refreshToken"]}
        answer = httpx.post(f"{person.base_url}/auth/logout", json=gone, headers=person.headers, timeout=30)
        code = await one.closes()

    assert (answer.status_code, code) == (204, 4401)


async def test_who_waits_before_a_room_hears_that_they_are_let_in(host, guest, other_web):
    room = host.post("/room/create", {"name": "Private", "type": "meeting", "isPrivate": True})["id"]
    ticket = guest.post(f"/room/{room}/token", {})["ticket"]
    waiting = host.get(f"/room/{room}/lobby").json()["data"][0]
    async with tab(guest) as two, listening(other_web, ticket) as one:
        refused = await one.asks("ring", to=host.id, roomId=room)
        host.post(f"/room/{room}/lobby/{waiting['ticketId']}", {"admit": True})
        heard = [await one.hears("admitted"), await two.hears("admitted")]
        async with listening(other_web, ticket) as late:
            heard.append(await late.hears("admitted"))

    assert refused["code"] == "not_allowed"
    assert heard == [{"type": "admitted", "roomId": room}] * 3
