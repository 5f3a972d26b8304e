"""Meetings as people in their rooms see them begin, end, and be talked about, with two web processes."""

import asyncio
from contextlib import suppress

import httpx
import pytest
import websockets
from redis import Redis

from config.lib import embedded
from tests.rooms.realtime.clients import joined, room_token
from tests.system.people import database
from tests.system.processes import serving, wait_until

pytestmark = pytest.mark.asyncio

# Nobody waits for minutes: seats are kept for two seconds, and meetings outlast their people by three.
QUICK = {"SEAT_HELD_SECONDS": "2", "MEETING_LEFT_SECONDS": "3"}
SECONDS = 60


@pytest.fixture(scope="module")
def system():
    with serving(env=QUICK) as running:
        yield running


@pytest.fixture
def room(host):
    return host.post("/room/create", {"name": "Dialogues", "type": "meeting"})["id"]


def participant(person, **changes):
    shown = {"id": person.id, "username": "Guest Tester", "role": "participant", "mic": False, "camera": False}
    return {**shown, "hand": False, "sharing": False, "consent": True, **changes}


def meeting_of(host, room):
    return next(one for one in host.get(f"/meetings/list/{host.id}").json()["data"] if one["roomId"] == room)


def stays(system, room):
    """Give person, reason and whether they are there still, of all stays in a room, as they came."""
    asked = (
        "SELECT person, reason, left_at IS NULL FROM meetings_attendance a JOIN meetings_session s ON s.id = "
        "a.session_id WHERE s.room_id = %s ORDER BY a.joined_at"
    )
    with database(system.data_dir) as connection:
        return connection.execute(asked, [room]).fetchall()


def sessions(system, room):
    with database(system.data_dir) as connection:
        asked = "SELECT domain, is_over FROM meetings_session WHERE room_id = %s ORDER BY started_at"
        return connection.execute(asked, [room]).fetchall()


async def eventually(is_so, what):
    return await asyncio.to_thread(wait_until, is_so, SECONDS, what)


async def test_meeting_begins_with_the_host_and_those_who_wait_are_told(system, host, guest, room, other_web):
    async with joined(guest, room, base_url=other_web) as two, joined(host, room) as one:
        told = await two.hears("meetingId")

    meeting = meeting_of(host, room)
    assert told == {"type": "meetingId", "meetingId": meeting["_id"]}
    assert (two.heard[0]["meetingId"], one.heard[0]["meetingId"]) == (None, meeting["_id"])
    assert (meeting["title"], meeting["participantsCount"]) == ("Dialogues", 2)
    assert sessions(system, room)[0][0] == "127.0.0.1"


async def test_planned_meeting_begins_with_whoever_comes_first(host, guest, room):
    plan = {"title": "Planned", "hostId": host.id, "transcriptEnabled": False, "roomId": room}
    planned = host.post("/meetings/create", plan)["_id"]

    async with joined(guest, room) as one:
        pass

    assert one.heard[0]["meetingId"] == planned
    assert meeting_of(host, room)["startedAt"] is not None


async def test_meeting_ends_for_all_and_leaves_nothing_behind(system, host, guest, room, other_web):
    async with joined(host, room) as one, joined(guest, room, base_url=other_web) as two:
        await one.asks("room-lock", on=True)
        await one.asks("role-change", to=guest.id, role="viewer")
        meeting = one.heard[0]["meetingId"]
        answer = httpx.post(f"{host.base_url}/meetings/{meeting}/end", headers=host.headers, timeout=30)
        ended = await two.hears("meeting-ended")
        codes = [await one.closes(), await two.closes()]
    async with joined(guest, room) as again:
        pass

    assert (answer.status_code, codes) == (204, [1000, 1000])
    assert ended == {"type": "meeting-ended", "meetingId": meeting}
    assert stays(system, room)[:2] == [(host.id, "meeting_ended", False), (guest.id, "meeting_ended", False)]
    told = again.heard[0]
    assert (told["meetingId"], told["self"]["role"], "locked" in told) == (None, "participant", False)


async def test_meeting_ends_by_itself_when_all_have_left(system, host, room):
    async with joined(host, room):
        pass
    await eventually(lambda: meeting_of(host, room)["endedAt"], "the meeting is over")

    assert (stays(system, room), sessions(system, room)[0][1]) == ([(host.id, "left", False)], True)


async def test_meeting_goes_on_when_somebody_comes_back(host, room):
    async with joined(host, room) as one:
        pass
    async with joined(host, room) as again:
        await asyncio.to_thread(host.get, "/auth/me")

    assert again.heard[0]["meetingId"] == one.heard[0]["meetingId"]


async def test_room_that_is_full_gives_no_more_tokens(host, guest, third, other_web):
    room = host.post("/room/create", {"name": "Small", "type": "meeting", "maxParticipants": 2})["id"]
    async with joined(host, room), joined(guest, room, base_url=other_web):
        full = httpx.post(f"{third.base_url}/room/{room}/token", json={}, headers=third.headers, timeout=30)
        again = room_token(guest, room)

    assert (full.status_code, full.json()["code"], bool(again)) == (409, "room_full", True)


async def test_chat_reaches_everybody_once_and_the_same_ref_says_it_once(host, guest, room, other_web):
    async with joined(host, room) as one, joined(guest, room, base_url=other_web) as two:
        answers = [await two.asks("chat-box", msg="Hello everyone!", ref="m1") for _ in range(2)]
        await two.asks("chat-box", msg="Next", ref="m2")
        first, second = [await one.hears("chat-box") for _ in range(2)]
        while len(own := [event for event in two.heard if event["type"] == "chat-box"]) < 2:
            await two.hears("chat-box")

    assert answers == [{"type": "ack", "ref": "m1", "seq": first["seq"]}] * 2
    assert first == {
        "type": "chat-box",
        "id": guest.id,
        "username": "Guest Tester",
        "time": first["timeMs"] // 1000,
        "timeMs": first["timeMs"],
        "msg": "Hello everyone!",
        "seq": first["seq"],
    }
    assert (second["msg"], second["seq"]) == ("Next", first["seq"] + 1)
    assert own == [first, second]


async def test_private_message_is_for_one_alone(host, guest, third, room, other_web):
    async with joined(host, room) as one, joined(guest, room, base_url=other_web) as two, joined(third, room) as three:
        answer = await one.asks("chat-box", msg="Between us", to=guest.id, ref="p1")
        seen = await two.hears("chat-box")
        await one.asks("chat-box", msg="For all")
        heard = await three.hears("chat-box")

    assert answer == {"type": "ack", "ref": "p1"}
    assert (seen["msg"], seen["to"], seen["pseq"], "seq" in seen) == ("Between us", guest.id, 1, False)
    assert heard["msg"] == "For all"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({}, "bad_payload"),
        ({"msg": 5}, "bad_payload"),
        ({"msg": "x", "to": "nobody"}, "not_in_room"),
        ({"msg": "x", "file": "no_such_file"}, "not_allowed"),
    ],
)
async def test_message_that_cannot_be_said_is_refused(host, room, said, code):
    async with joined(host, room) as one:
        answer = await one.asks("chat-box", **said)

    assert (answer["type"], answer["code"]) == ("error", code)


async def test_message_may_name_a_file_of_the_room(host, room):
    filename = host.upload(room, "plan.txt", b"One, two, three.")
    async with joined(host, room) as one:
        await one.asks("chat-box", msg="", file=filename)

    assert [event["file"] for event in one.heard if event["type"] == "chat-box"] == [filename]


@pytest.mark.parametrize("epoch", [None, "one that has passed"])
async def test_who_comes_without_a_number_hears_the_chat_of_the_meeting(host, guest, room, other_web, epoch):
    async with joined(host, room) as one:
        await one.asks("chat-box", msg="First")
        await one.asks("chat-box", msg="To myself", to=host.id)
        async with joined(guest, room, base_url=other_web, **({"epoch": epoch, "lastSeq": 9} if epoch else {})) as two:
            told = await two.hears("chat-box")
            await one.asks("chat-box", msg="Second")
            after = await two.hears("chat-box")

    assert (told["msg"], "seq" in told) == ("First", False)
    assert (after["msg"], after["seq"]) == ("Second", 2)


async def test_whoever_wants_to_be_in_no_recording_is_shown_so(host, guest, room, other_web):
    async with joined(host, room) as one, joined(guest, room, base_url=other_web) as two:
        answer = await two.asks("consent", take_part=False)
        await one.hears("participant-updated", participant=participant(guest, consent=False))
        meeting = one.heard[0]["meetingId"]
        kept = guest.get(f"/meetings/{meeting}/consent").json()["data"]
        path = f"{guest.base_url}/meetings/{meeting}/consent"
        httpx.put(path, headers=guest.headers, json={"take_part": True}, timeout=30)
        await one.hears("participant-updated", participant=participant(guest, consent=True))
        await two.asks("consent", take_part=False)
        async with joined(guest, room) as again:
            pass

    assert (answer["type"], kept) == ("ack", {"take_part": False})
    assert again.heard[0]["consent"] is False


async def test_nobody_answers_before_a_meeting_runs(guest, room):
    async with joined(guest, room) as one:
        answer = await one.asks("consent", take_part=False)

    assert (answer["type"], answer["code"]) == ("error", "not_allowed")


async def test_seat_that_was_lost_ends_its_stay(system, host, room):
    async with joined(host, room) as one:
        one.socket.transport.abort()
        await eventually(lambda: stays(system, room) == [(host.id, "lost", False)], "the stay has ended")

    assert sessions(system, room)[0][1] is True


@pytest.mark.parametrize("is_emptied", [False, True], ids=["with Redis", "with Redis emptied"])
async def test_stay_ends_right_when_the_web_process_is_killed(system, host, guest, room, other_web, is_emptied):
    token = room_token(guest, room)
    async with joined(guest, room, token=token, base_url=other_web) as two:
        with suppress(websockets.ConnectionClosed):
            async with joined(host, room) as one:
                killed = system.kill("web")
                assert await one.closes() == 1006
        if is_emptied:
            Redis.from_url(embedded.redis_url(embedded.locate(system.data_dir))).flushall()
        await asyncio.to_thread(system.wait_for_restart, "web", killed)
        await asyncio.to_thread(system.wait_until_ready)
        await eventually(lambda: (host.id, "lost", False) in stays(system, room), "the stay of the host has ended")
        there = stays(system, room)
        answer = await two.asks("chat-box", msg="Still here")

    await eventually(lambda: meeting_of(host, room)["endedAt"], "the meeting is over")
    assert there == [(guest.id, "", True), (host.id, "lost", False)]
    assert answer["type"] == "ack"
    assert stays(system, room) == [(guest.id, "left", False), (host.id, "lost", False)]


async def test_message_said_while_redis_is_away_is_acknowledged_once_the_room_was_told(system, host, guest, room):
    async with joined(host, room) as one, joined(guest, room) as two:
        # Both have been told all that they are told on joining.
        for client in (one, two):
            await client.asks("raise-hand", on=True)
        killed = system.kill("redis")
        answer = await one.asks("chat-box", msg="Through it all", ref="r1")
        heard = await two.hears("chat-box", msg="Through it all")
        await asyncio.to_thread(system.wait_for_restart, "redis", killed)

    assert (answer["type"], answer["ref"], heard["id"]) == ("ack", "r1", host.id)
