"""A whiteboard, a recording and captions, as two and three clients of two web processes see them."""

import json

import httpx
import pytest

from tests.rooms.realtime.clients import joined, room_token

pytestmark = pytest.mark.asyncio

STAGE = {"attrs": {"width": 800, "height": 600}, "children": [{"className": "Layer", "children": []}]}
POINT = {"pos": {"x": 200, "y": 150}, "eraser": False, "brushSize": 3, "inkColor": "#000000", "brushOpacity": 1}


@pytest.fixture
def room(host):
    return host.post("/room/create", {"name": "Drawing", "type": "meeting"})["id"]


async def draw(client, stroke, *kinds):
    for kind in kinds:
        msg = {"drawingType": kind, "payload": POINT, "strokeId": stroke}
        answer = await client.asks("sendDrawingData", msg=msg)
        assert answer["type"] == "ack", answer


def board(client):
    """Give what was told of the board: stages, and ids of strokes."""
    return [event["msg"].get("strokeId", event["msg"].get("stage")) for event in client.heard if "msg" in event]


async def drained(client):
    """Wait until everything that was said to it before is heard."""
    await client.asks("raise-hand", on=False)


async def test_drawing_reaches_everybody_with_what_the_server_fills_in(host, guest, room, other_web):
    msg = {"drawingType": "mousedown", "payload": POINT, "socketId": "abc123", "room_id": "12345"}
    async with joined(host, room) as one, joined(guest, room, base_url=other_web) as two:
        await two.say("sendDrawingData", msg=msg)
        seen = await one.hears("sendDrawingData")

    filled = seen["msg"]
    assert seen == {
        "type": "sendDrawingData",
        "id": guest.id,
        "username": "Guest Tester",
        "time": seen["timeMs"] // 1000,
        "timeMs": seen["timeMs"],
        "msg": {**msg, "socketId": filled["socketId"], "room_id": room, "strokeId": filled["strokeId"]},
    }
    assert filled["socketId"] != "abc123"


async def test_whoever_comes_late_sees_what_the_others_see(host, guest, third, room, other_web):
    async with joined(host, room) as one, joined(guest, room, base_url=other_web) as two:
        await one.asks("whiteBoardToggle", on=True)
        await draw(two, "s1", "mousedown", "mouseup")
        await one.asks("white-board-stage", msg={"stage": STAGE})
        await draw(two, "s2", "mousedown", "mousemove", "mouseup")
        await draw(one, "s3", "mousedown")
        async with joined(third, room, base_url=other_web) as three:
            await drained(three)

    assert three.heard[0]["whiteboard"] == {"on": True, "owner": host.id}
    assert board(three) == [STAGE, "s2", "s2", "s2", "s3"]


async def test_large_board_is_told_to_a_slow_client_whole(host, guest, third, room):
    stage = "x" * 900_000
    async with joined(host, room) as one:
        await one.asks("white-board-stage", msg={"stage": stage})
        for number in range(12):
            payload = {**POINT, "points": "y" * 60_000}
            msg = {"drawingType": "mousedown", "payload": payload, "strokeId": f"s{number}"}
            await one.asks("sendDrawingData", msg=msg)
        async with joined(guest, room, max_queue=1) as two:
            await drained(two)

    assert board(two) == [stage, *(f"s{number}" for number in range(12))]


async def test_whoever_comes_back_gets_what_was_drawn_meanwhile(host, guest, room, other_web):
    token = room_token(guest, room)
    async with joined(host, room) as one:
        await one.asks("white-board-stage", msg={"stage": 1})
        async with joined(guest, room, token=token) as two:
            known = two.heard[0]
            two.socket.transport.abort()
        await one.asks("white-board-stage", msg={"stage": 2})
        await draw(one, "s1", "mousedown", "mouseup")
        about = {"epoch": known["epoch"], "lastSeq": known["seq"], "lastPseq": known["pseq"]}
        async with joined(guest, room, token=token, base_url=other_web, **about) as again:
            await drained(again)

    told = [event for event in again.heard if "msg" in event]
    assert board(again) == [2, "s1", "s1"]
    assert [event.get("seq") for event in told] == [known["seq"] + 1, None, None]


async def test_owner_answers_who_asks_and_the_server_where_they_do_not(host, guest, room, other_web):
    async with joined(host, room) as one, joined(guest, room, base_url=other_web) as two:
        await one.asks("whiteBoardToggle", on=True)
        await two.say("whiteBoardStateRequest")
        asked = await one.hears("whiteBoardStateRequest")
        await one.asks("white-board-stage", to=asked["id"], msg={"stage": STAGE})
        answered = await two.hears("white-board-stage")
        await two.say("whiteBoardStateRequest")
        told = await two.hears("white-board-stage")

    assert (answered["id"], answered["msg"]["stage"]) == (host.id, STAGE)
    assert (told["id"], told["msg"]["stage"]) == (host.id, STAGE)


async def test_undo_takes_back_the_newest_stroke_of_its_sender_and_a_stage_follows(host, guest, room, other_web):
    async with joined(host, room) as one, joined(guest, room, base_url=other_web) as two:
        await one.asks("whiteBoardToggle", on=True)
        await draw(two, "s1", "mousedown", "mouseup")
        await draw(two, "s2", "mousedown", "mouseup")
        await draw(one, "s3", "mousedown", "mouseup")
        refused = await two.asks("Un-do", msg={"strokeId": "s3"})
        await two.asks("Un-do")
        undone = await one.hears("Un-do")
        await one.hears("whiteBoardStateRequest")
        await two.hears("white-board-stage")
        again = [await two.hears("sendDrawingData") for _ in range(4)]

    assert (refused["code"], undone["msg"]["strokeId"]) == ("not_allowed", "s2")
    assert [event["msg"]["strokeId"] for event in again] == ["s1", "s1", "s3", "s3"]


async def test_room_knows_that_it_is_recorded_and_transcribed(host, guest, room, other_web):
    async with joined(host, room) as one:
        await one.asks("recording", on=True, recordingId="rec-1")
        await one.asks("start-transcript", on=True, language="en-GB")
        async with joined(guest, room, base_url=other_web) as two:
            refused = [await two.asks("recording", on=False), await two.asks("start-transcript", on=False)]
            await one.asks("recording", on=False)
            off = await two.hears("recording")

    assert two.heard[0]["recording"] == {"on": True, "recordingId": "rec-1"}
    assert two.heard[0]["transcript"] == {"on": True, "language": "en-GB"}
    assert [answer["code"] for answer in refused] == ["not_allowed"] * 2
    assert (off["id"], off["on"]) == (host.id, False)


async def test_final_captions_become_lines_of_the_transcript(host, guest, room, other_web):
    async with joined(host, room) as one, joined(guest, room, base_url=other_web) as two:
        meeting = two.heard[0]["meetingId"]
        await two.asks("transcript", msg="We be", final=False, lineId="u1")
        partial = await one.hears("transcript")
        await two.asks("transcript", msg="We begin.", final=True, lineId="u1", startMs=100, endMs=900)
        final = await one.hears("transcript")
        answer = httpx.get(f"{host.base_url}/view-transcript/{meeting}", headers=host.headers, timeout=30)

    (line,) = answer.json()["data"]
    assert (partial["msg"], "seq" in partial, final["seq"] > 0) == ("We be", False, True)
    assert (final["lineId"], final["replaces"]) == (line["_id"], "u1")
    assert (line["message"], line["userName"], line["startMs"], line["endMs"]) == (
        "We begin.",
        "Guest Tester",
        100,
        900,
    )


async def test_meeting_without_transcripts_takes_no_captions(host, guest, room):
    async with joined(host, room) as one:
        meeting = one.heard[0]["meetingId"]
        httpx.post(
            f"{host.base_url}/meetings/update/{meeting}",
            json={"transcriptEnabled": False},
            headers=host.headers,
            timeout=30,
        ).raise_for_status()
        answers = [await one.asks("start-transcript", on=True), await one.asks("transcript", msg="We begin.")]

    assert [answer["code"] for answer in answers] == ["not_allowed"] * 2


async def test_room_next_door_hears_nothing_of_a_board(host, guest, room):
    other = host.post("/room/create", {"name": "Next door", "type": "meeting"})["id"]
    async with joined(host, room) as one, joined(guest, other) as two:
        await one.asks("whiteBoardToggle", on=True)
        await one.asks("white-board-stage", msg={"stage": "canary"})
        await draw(one, "canary", "mousedown")
        await two.say("whiteBoardStateRequest")
        await two.hears("white-board-stage")

    assert "canary" not in json.dumps(two.heard)
