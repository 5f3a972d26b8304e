"""People in a room over the plain wire, against a running system with two web processes."""

import json
from contextlib import AsyncExitStack

import httpx
import pytest

from tests.factories import PASSWORD
from tests.rooms.realtime.clients import connected, joined, room_token
from tests.system.people import register

pytestmark = pytest.mark.asyncio


@pytest.fixture
def room(host):
    return host.post("/room/create", {"name": "Dialogues", "type": "meeting"})["id"]


@pytest.fixture
def webinar(host):
    return host.post("/room/create", {"name": "Watched", "type": "webinar"})["id"]


def participant(person, role, **changes):
    shown = {"id": person.id, "username": f"{person.email.partition('@')[0].capitalize()} Tester", "role": role}
    return {**shown, "mic": False, "camera": False, "hand": False, "sharing": False, "consent": True, **changes}


async def test_who_comes_is_told_of_the_whole_room_and_the_others_of_them(host, guest, room, other_web):
    async with joined(host, room) as one, joined(guest, room, base_url=other_web) as two:
        seen = await one.hears("participant-joined")

    told = two.heard[0]
    assert seen == {"type": "participant-joined", "participant": participant(guest, "participant")}
    assert told == {
        "type": "room_connected",
        "roomId": room,
        "self": {"id": guest.id, "username": "Guest Tester", "role": "participant"},
        "participants": [participant(host, "host"), participant(guest, "participant")],
        "meetingId": told["meetingId"],
        "consent": True,
        "media": {"mode": "mesh"},
        "whiteboard": {"on": False, "owner": None},
        "recording": {"on": False},
        "transcript": {"on": False, "language": None},
        "epoch": told["epoch"],
        "seq": told["seq"],
        "pseq": 0,
    }


async def test_event_is_filled_in_by_the_server_and_acknowledged(host, guest, room, other_web):
    async with joined(host, room) as one, joined(guest, room, base_url=other_web) as two:
        answer = await two.asks("reaction", emoji="👍", ref="r1", id="another", username="Another", time=1, seq=9)
        seen = await one.hears("reaction")

    assert answer == {"type": "ack", "ref": "r1"}
    assert seen == {
        "type": "reaction",
        "id": guest.id,
        "username": "Guest Tester",
        "time": seen["timeMs"] // 1000,
        "timeMs": seen["timeMs"],
        "emoji": "👍",
    }


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"type": "nonsense"}, "unknown_type"),
        ({"type": "reaction"}, "bad_payload"),
        ({"type": "reaction", "emoji": 5}, "bad_payload"),
        ({"type": "reaction", "emoji": "x" * 33}, "bad_payload"),
        ({"type": "role-change", "to": "x", "role": "viewer"}, "not_allowed"),
        ({"type": "participant-joined"}, "not_allowed"),
        ({"type": "signal", "to": "nobody", "description": {}}, "not_in_room"),
        ({"type": "signal", "description": {}}, "bad_payload"),
        ({"type": "annotation", "shape": "x" * 66_000}, "too_large"),
    ],
)
async def test_what_cannot_be_taken_is_refused_and_the_connection_stays(host, guest, room, said, code):
    async with joined(host, room), joined(guest, room) as two:
        answer = await two.asks(said.pop("type"), **said)
        after = await two.asks("raise-hand", on=True)

    assert (answer["type"], answer["code"]) == ("error", code)
    assert after["type"] == "ack"


async def test_frames_that_are_no_events_are_refused(host, room):
    async with joined(host, room) as one:
        answers = []
        for frame in ("", "[]", "{", "null", '{"type": 5}', b"\x00\xff"):
            await one.socket.send(frame)
            answers.append(await one.hears("error"))

    assert [answer["code"] for answer in answers] == ["bad_payload"] * 6


async def test_nothing_is_said_before_one_has_joined(host, room):
    async with connected(host.base_url, room, room_token(host, room)) as one:
        answer = await one.asks("raise-hand")

    assert answer["code"] == "not_in_room"


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
async def test_bad_token_closes_with_its_code(host, room, token):
    async with connected(host.base_url, room, token) as one:
        assert await one.closes() == 4401


async def test_token_of_another_room_or_page_opens_nothing(host, room, webinar):
    token = room_token(host, webinar)
    bound = httpx.post(
        f"{host.base_url}/room/{room}/token", json={}, headers={**host.headers, "Origin": host.base_url}, timeout=30
    ).json()["data"]["token"]

    async with AsyncExitStack() as stack:
        codes = []
        for text, origin in (
            (token, None),
            (bound, None),
            (bound, "https://elsewhere.example"),
            (bound, host.base_url),
        ):
            client = await stack.enter_async_context(connected(host.base_url, room, text, origin=origin))
            if origin == host.base_url:
                await client.say("room.join", roomId=room)
                codes.append((await client.hears("room_connected"))["type"])
            else:
                codes.append(await client.closes())

    assert codes == [4401, 4401, 4401, "room_connected"]


async def test_seat_is_taken_again_elsewhere_with_its_hand_still_up(host, guest, room, other_web):
    token = room_token(guest, room)
    async with joined(host, room) as one, joined(guest, room, token=token) as two:
        await two.asks("raise-hand", on=True)
        async with joined(guest, room, token=token, base_url=other_web) as again:
            code = await two.closes()
            await again.asks("raise-hand", on=False)
            await one.hears("raise-hand", on=False)

    assert code == 4410
    assert [shown["hand"] for shown in again.heard[0]["participants"] if shown["id"] == guest.id] == [True]
    kinds = [event["type"] for event in one.heard]
    assert (kinds.count("participant-joined"), kinds.count("participant-left")) == (1, 0)


async def test_whoever_says_goodbye_has_left_at_once(host, guest, room):
    async with joined(host, room) as one:
        async with joined(guest, room):
            await one.hears("participant-joined")
        left = await one.hears("participant-left")

    assert left == {"type": "participant-left", "participant": participant(guest, "participant"), "reason": "left"}


async def test_signal_reaches_its_person_alone(host, guest, third, room, other_web):
    async with joined(host, room) as one, joined(guest, room, base_url=other_web) as two, joined(third, room) as three:
        await one.asks("signal", to=guest.id, description={"type": "offer", "sdp": "v=0"})
        seen = await two.hears("signal")
        await one.asks("raise-hand", on=True)
        await three.hears("raise-hand")

    assert (seen["id"], seen["description"]) == (host.id, {"type": "offer", "sdp": "v=0"})
    assert "signal" not in [event["type"] for event in three.heard]


async def test_host_makes_somebody_else_something_else(host, guest, room, other_web):
    async with joined(host, room) as one, joined(guest, room, base_url=other_web) as two:
        await one.asks("role-change", to=guest.id, role="viewer")
        told = await two.hears("participant-updated", participant=participant(guest, "viewer"))
        refused = await two.asks("video-off", on=True)

    assert told["participant"]["role"] == "viewer"
    assert refused["code"] == "not_allowed"


async def test_removed_person_stays_out(host, guest, room, other_web):
    token = room_token(guest, room)
    async with joined(host, room) as one, joined(guest, room, token=token, base_url=other_web) as two:
        await one.asks("remove-participant", to=guest.id, reason="noise")
        code = await two.closes()
        left = await one.hears("participant-left")
        async with connected(guest.base_url, room, token) as again:
            await again.say("room.join", roomId=room)
            refused = await again.closes()

    answer = httpx.post(f"{guest.base_url}/room/{room}/token", json={}, headers=guest.headers, timeout=30)
    assert (code, left["reason"], refused) == (4403, "removed", 4403)
    assert (answer.status_code, answer.json()["code"]) == (403, "removed")


async def test_locked_room_takes_nobody_new(host, guest, third, room):
    async with joined(host, room) as one, joined(guest, room) as two:
        await one.asks("room-lock", on=True)
        await two.hears("room-lock")
        locked = httpx.post(f"{third.base_url}/room/{room}/token", json={}, headers=third.headers, timeout=30)
        await one.asks("room-lock", on=False)
        async with joined(third, room) as three:
            pass

    assert (locked.status_code, locked.json()["code"]) == (403, "room_locked")
    assert three.heard[0]["type"] == "room_connected"


async def test_hosts_decide_who_comes_into_a_private_room(host, guest):
    room = host.post("/room/create", {"name": "Private", "type": "meeting", "isPrivate": True})["id"]
    async with joined(host, room) as one:
        ticket = guest.post(f"/room/{room}/token", {})["ticket"]
        asked = await one.hears("lobby-request")
        await one.asks("lobby-decision", ticket=asked["ticket"], admit=True)
        async with joined(guest, room, token=guest.post(f"/room/{room}/token", {"ticket": ticket})["token"]) as two:
            pass

    assert asked == {"type": "lobby-request", "ticket": asked["ticket"], "username": "Guest Tester"}
    assert two.heard[0]["self"]["id"] == guest.id


async def test_viewer_asks_for_the_microphone_and_gets_it(host, guest, webinar, other_web):
    async with joined(host, webinar) as one, joined(guest, webinar, base_url=other_web) as two:
        await two.asks("request-mic")
        asked = await one.hears("request-mic")
        await one.asks("request-mic-accepted", to=guest.id)
        accepted = await two.hears("request-mic-accepted")
        await two.asks("device-switch", kind="mic", on=True)
        shown = await one.hears("device-switch")

    assert (asked["id"], accepted["id"], shown["id"]) == (guest.id, host.id, guest.id)


async def test_muting_acts_at_once_and_unmuting_only_asks(host, guest, room):
    async with joined(host, room) as one, joined(guest, room) as two:
        await two.asks("device-switch", kind="mic", on=True)
        await one.asks("mute-mic-request", to=guest.id, mute=True)
        muted = await two.hears("participant-updated")
        await one.asks("mute-mic-request", to=guest.id, mute=False)
        asked = await two.hears("mute-mic-request", mute=False)
        async with joined(host, room) as again:
            pass

    assert (muted["participant"]["mic"], asked["id"]) == (False, host.id)
    assert [shown["mic"] for shown in again.heard[0]["participants"] if shown["id"] == guest.id] == [False]


async def test_sign_out_closes_the_socket(system, room, host):
    person = register(system, "leaver")
    signed_in = httpx.post(
        f"{system.base_url}/auth/login", json={"userName": person.email, "password": PASSWORD}, timeout=30
    ).json()["data"]
    person.headers = {"Authorization": f"Bearer {signed_in['token']}"}
    async with joined(person, room) as one:
        gone = {"refreshToken": signed_in["refreshToken"]}
        answer = httpx.post(f"{person.base_url}/auth/logout", json=gone, headers=person.headers, timeout=30)
        code = await one.closes()

    assert (answer.status_code, code) == (204, 4401)


async def test_people_are_counted(host, guest, room):
    async with joined(host, room) as one, joined(guest, room):
        counted = await one.hears("view_count", count=2)

    assert counted == {"type": "view_count", "count": 2, "total": 2}


async def test_room_that_is_full_closes_with_its_code(host, guest, third):
    room = host.post("/room/create", {"name": "Small", "type": "meeting", "maxParticipants": 2})["id"]
    tokens = [room_token(person, room) for person in (guest, third)]
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(joined(host, room))
        await stack.enter_async_context(joined(guest, room, token=tokens[0]))
        late = await stack.enter_async_context(connected(third.base_url, room, tokens[1]))
        await late.say("room.join", roomId=room)
        code = await late.closes()

    assert code == 4409


async def test_clients_may_say_many_things_before_they_read_an_answer(host, guest, room):
    async with joined(host, room) as one, joined(guest, room) as two:
        for number in range(10):
            await two.socket.send(json.dumps({"type": "annotation", "shape": number, "ref": str(number)}))
        seen = [await one.hears("annotation") for _ in range(10)]

    assert [event["shape"] for event in seen] == [*range(10)]
