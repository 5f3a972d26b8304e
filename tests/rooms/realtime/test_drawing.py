"""What is kept of a whiteboard: the newest stage and the strokes after it, in the order in which they were told."""

import asyncio

import msgspec
import pytest

from config.lib.asgi import in_thread
from rooms.realtime import boards, drawing, publishing
from rooms.realtime.bus import key
from rooms.realtime.drawing import Change
from rooms.realtime.saying import Saying
from tests.rooms.realtime.conftest import eventually


class Board:
    """Draws in one room through one process."""

    def __init__(self, process, room_id):
        self.process, self.room_id = process, room_id

    async def say(self, kind, change, *, about=None, **msg):
        body = msgspec.json.encode({"type": kind, "msg": {"room_id": self.room_id, **msg}})
        return await self.process.hub.say(self.room_id, Saying(type=kind, body=body, change=change, **about or {}))

    async def draw(self, person, stroke, piece=0, *, is_last=False, **about):
        change = Change(act="draw", person=person, stroke=stroke, is_last=is_last)
        return await self.say("sendDrawingData", change, about=about, strokeId=stroke, piece=piece)

    async def undo(self, person, stroke=""):
        return await self.say("Un-do", Change(act="undo", person=person, stroke=stroke))

    async def stage(self, text, *, is_kept=True):
        return await self.say("white-board-stage", Change(act="stage"), about={"is_kept": is_kept}, stage=text)

    async def clear(self):
        return await self.say("clear-whiteBoard", Change(act="clear"))

    async def shown(self):
        """Give what somebody is shown who asks."""
        room, member, listener = await self.process.join(self.room_id, "asking")
        listener.heard.clear()
        await self.process.hub.show_board(room, member)
        await eventually(lambda: listener.of("white-board-stage"))
        await self.process.hub.remove(room, member)
        return [(event["type"], mine(event["msg"])) for event in listener.heard if "msg" in event]


def mine(msg):
    return {name: value for name, value in msg.items() if name not in ("room_id", "socketId")}


def stroke(name, piece=0):
    return ("sendDrawingData", {"strokeId": name, "piece": piece})


def stage(text=None):
    return ("white-board-stage", {"stage": text})


@pytest.fixture
async def board(process, room_id):
    return Board(await process(), room_id)


async def test_board_is_its_newest_stage_and_the_strokes_after_it(board):
    await board.draw("a", "s1", is_last=True)
    await board.stage("one")
    await board.draw("a", "s2", is_last=True)
    await board.stage("two")
    await board.draw("b", "s3")
    await board.draw("a", "s4")
    await board.draw("b", "s3", 1)

    assert await board.shown() == [stage("two"), stroke("s3"), stroke("s4"), stroke("s3", 1)]


async def test_board_that_nobody_used_is_a_blank_stage(board):
    assert await board.shown() == [stage()]


async def test_stroke_that_is_still_drawn_outlives_a_stage_whole(board):
    await board.draw("a", "s1")
    await board.draw("b", "s2", is_last=True)
    await board.stage("one")
    await board.draw("a", "s1", 1, is_last=True)

    assert await board.shown() == [stage("one"), stroke("s1"), stroke("s1", 1)]


async def test_undo_takes_the_newest_stroke_of_its_person_out(board):
    room, _, listener = await board.process.join(board.room_id, "watching")
    await board.draw("a", "s1")
    await board.draw("a", "s2")
    await board.draw("b", "s3")
    await board.draw("a", "s2", 1)

    said = await board.undo("a")
    await eventually(lambda: listener.of("Un-do"))

    assert said.outcome == ""
    assert mine(listener.of("Un-do")[0]["msg"]) == {"strokeId": "s2"}
    assert await board.shown() == [stage(), stroke("s1"), stroke("s3")]


async def test_undo_of_what_a_stage_holds_is_told_after_the_stage(board):
    await board.draw("a", "s1", is_last=True)
    await board.draw("a", "s2", is_last=True)
    await board.stage("one")

    await board.undo("a", "s1")

    assert await board.shown() == [stage("one"), ("Un-do", {"strokeId": "s1"})]


@pytest.mark.parametrize("named", ["", "s2", "none"])
async def test_undo_takes_back_nothing_of_others(board, named):
    await board.draw("b", "s2")

    said = await board.undo("a", named)

    assert (said.outcome, said.is_new) == ("not_theirs", False)
    assert await board.shown() == [stage(), stroke("s2")]


async def test_nobody_draws_on_with_a_stroke_of_somebody_else(board):
    await board.draw("a", "s1")

    said = await board.draw("b", "s1", 1)

    assert said.outcome == "not_theirs"
    assert await board.shown() == [stage(), stroke("s1")]


async def test_pieces_of_a_moment_are_told_as_one_and_none_of_them_to_who_must_not_draw_it(board, messages):
    _, _, a = await board.process.join(board.room_id, "a")
    messages()

    said = await asyncio.gather(
        board.draw("a", "s1", gathers=True),
        board.draw("b", "s2", gathers=True),
        board.draw("b", "s1", 1, gathers=True),
        board.draw("a", "s1", 2, gathers=True, is_last=True),
    )

    assert [each.outcome for each in said] == ["", "", "not_theirs", ""]
    assert len(messages()) == 1
    await eventually(lambda: a.of("sendDrawingData"))
    drawn = [stroke("s1"), stroke("s2"), stroke("s1", 2)]
    assert [(event["type"], mine(event["msg"])) for event in a.of("sendDrawingData")] == drawn
    assert await board.shown() == [stage(), *drawn]


async def test_piece_with_a_ref_is_drawn_once(board):
    said = await asyncio.gather(*(board.draw("a", "s1", gathers=True, ref="a:1") for _ in range(2)))
    later = await board.draw("a", "s1", ref="a:1")

    assert [(each.is_new, each.outcome) for each in (*said, later)] == [(True, ""), *[(False, "again")] * 2]
    assert await board.shown() == [stage(), stroke("s1")]


async def test_cleared_board_is_blank_also_for_those_who_missed_its_stages(board):
    await board.stage("one")
    await board.draw("a", "s1")
    await board.clear()
    await board.draw("a", "s2")

    assert await board.shown() == [stage(), stroke("s2")]
    assert await board.process.hub.missed(board.room_id, 0, 10) == []


async def test_stage_replaces_the_one_before_it_in_what_is_replayed(board):
    await board.stage("one")
    await board.stage("two")

    missed = await board.process.hub.missed(board.room_id, 0, 10)

    assert [(event.seq, event.route.type, b"two" in event.body) for event in missed] == [(2, "white-board-stage", True)]


async def test_stage_for_one_person_is_kept_without_a_number(board):
    said = await board.stage("one", is_kept=False)

    assert said.seq == 0
    assert await board.shown() == [stage("one")]


async def test_stage_lies_sealed_in_redis(board):
    await board.stage("canary")

    _, sealed, _ = await board.process.hub.bus.board(board.room_id)

    assert b"canary" not in (sealed or b"canary")


async def test_full_log_wants_a_stage_and_drops_the_oldest_strokes(board, monkeypatch):
    outcomes = [(await board.draw("a", f"s{number}", is_last=True)).outcome for number in range(2_010)]

    shown = await board.shown()

    assert outcomes.index("full") == drawing.MANY_STROKES - 1
    assert len(shown) == 1 + drawing.MAX_STROKES
    assert shown[1] == stroke("s10")


async def test_log_keeps_no_more_bytes_than_it_may(board):
    outcomes = [(await board.draw("a", f"s{number}", "x" * 60_000)).outcome for number in range(20)]

    _, _, messages = await board.process.hub.bus.board(board.room_id)

    assert outcomes.index("full") == 15
    assert sum(map(len, messages)) < drawing.MAX_BYTES
    assert len(messages) == 17


async def test_whoever_is_shown_the_board_gets_nothing_twice(board):
    room, member, listener = await board.process.join(board.room_id, "asking")
    member.hold()
    await board.draw("a", "s1")
    await board.draw("a", "s2")
    await board.process.say(board.room_id, "end")
    await eventually(lambda: "said" in waiting_types(member))

    await board.process.hub.show_board(room, member)
    await board.draw("a", "s3")
    await eventually(lambda: len(listener.of("sendDrawingData")) == 3)

    drawn = [event["msg"]["strokeId"] for event in listener.of("sendDrawingData")]
    assert drawn == ["s1", "s2", "s3"]
    assert [event["type"] for event in listener.heard if event["type"] != "view_count"][-5:] == [
        "white-board-stage",
        "sendDrawingData",
        "sendDrawingData",
        "said",
        "sendDrawingData",
    ]


async def test_stage_that_waits_already_says_all(board):
    room, member, listener = await board.process.join(board.room_id, "asking")
    member.hold()
    await board.draw("a", "s1", is_last=True)
    await board.stage("one")
    await board.draw("a", "s2", is_last=True)
    await board.process.say(board.room_id, "end")
    await eventually(lambda: "said" in waiting_types(member))

    await board.process.hub.show_board(room, member)
    await eventually(lambda: listener.of("said"))

    told = [event["msg"].get("stage") or event["msg"]["strokeId"] for event in listener.heard if "msg" in event]
    assert told == ["s1", "one", "s2"]


async def test_all_are_shown_the_board_on_order(board, process):
    two = await process()
    _, _, a = await board.process.join(board.room_id, "a")
    _, _, b = await two.join(board.room_id, "b")
    await board.draw("a", "s1")

    await board.process.hub.say(board.room_id, Saying(type="", body=b"{}", orders=(("board", "", ""),)))

    await eventually(lambda: all(len(each.of("sendDrawingData")) == 2 for each in (a, b)))
    assert [event["msg"]["stage"] for event in a.of(boards.STAGE) + b.of(boards.STAGE)] == [None, None]


def waiting_types(member):
    return [event.route.type for batch in member._waiting or () for event in batch.events]


@pytest.mark.django_db(transaction=True)
async def test_board_that_was_wiped_leaves_nothing(board):
    await board.stage("one")
    await board.draw("a", "s1", is_last=True)

    await in_thread(publishing.wipe_board, board.room_id)
    bus = board.process.hub.bus
    meta = await bus._redis.hgetall(key(board.room_id, "meta"))

    assert {*meta} & {b"board", b"stage", b"strokes"} == set()
    assert await board.process.hub.missed(board.room_id, 0, 1) == []
    assert await bus.board(board.room_id) == (False, None, [])
