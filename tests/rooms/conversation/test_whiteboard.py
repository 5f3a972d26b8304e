"""The whiteboard: who keeps its picture, who draws, and what those get who come late or ask."""

import pytest

from rooms.conversation.kinds import whiteboard
from rooms.realtime import drawing

STAGE = {"attrs": {"width": 800}, "children": [{"className": "Line"}]}
POINT = {"pos": {"x": 1, "y": 2}, "eraser": False, "brushSize": 3, "inkColor": "#000000", "brushOpacity": 1}


def drawn(kind="mousedown", **more):
    return {"drawingType": kind, "payload": POINT, **more}


def board_of(event):
    return event["whiteboard"]


@pytest.fixture
async def host(comes):
    return await comes("host", "host")


@pytest.fixture
async def guest(comes, host):
    return await comes("guest", through=1)


async def draw(who, *kinds, **more):
    for kind in kinds:
        answer = await who.asks("sendDrawingData", msg=drawn(kind, **more))
        assert answer["type"] == "ack", answer


async def test_toggle_names_the_owner_and_who_comes_later_is_told(comes, host, guest):
    await host.asks("whiteBoardToggle", on=True)
    seen = await guest.hears("whiteBoardToggle")
    late = await comes("late")
    await host.asks("whiteBoardToggle", on=False)
    off = await guest.hears("whiteBoardToggle")

    assert (seen["on"], seen["owner"]) == (True, "host")
    assert board_of(late.heard[0]) == {"on": True, "owner": "host"}
    assert (off["on"], off["owner"]) == (False, "host")


async def test_board_that_was_never_shown_is_hidden_without_an_owner(host, guest):
    await host.asks("whiteBoardToggle", on=False)
    seen = await guest.hears("whiteBoardToggle")

    assert (seen["on"], "owner" in seen) == (False, False)


async def test_owner_is_somebody_who_is_here(host, guest):
    taken = await host.asks("whiteBoardToggle", on=True, owner="guest")
    refused = await host.asks("whiteBoardToggle", on=True, owner="nobody")

    assert (taken["type"], refused["code"]) == ("ack", "not_in_room")


async def test_what_the_client_wrote_of_itself_is_replaced(host, guest):
    said = drawn("mousedown", socketId="another", room_id="another", tool="pen")
    await guest.asks("sendDrawingData", msg=said, layer=2, username="Another")
    seen = await host.hears("sendDrawingData")

    stroke = seen["msg"].pop("strokeId")
    assert len(stroke) == 24
    assert seen == {
        "type": "sendDrawingData",
        "id": "guest",
        "username": "Guest",
        "time": seen["time"],
        "timeMs": seen["timeMs"],
        "layer": 2,
        "msg": {**drawn("mousedown", tool="pen"), "socketId": guest.connection.id, "room_id": guest.claims.room_id},
    }


async def test_stroke_lasts_from_mousedown_to_mouseup(host, guest):
    await draw(guest, "mousemove", "mousemove", "mouseup", "mousedown", "mousemove", "mousedown", "mouseup")
    await guest.say("sendDrawingData", msg=drawn("cursor"))
    await guest.say("raise-hand")
    await host.hears("raise-hand")

    strokes = [event["msg"].get("strokeId") for event in host.of("sendDrawingData")]
    first, second, third = strokes[0], strokes[3], strokes[5]
    assert strokes == [first, first, first, second, second, third, third, None]
    assert len({first, second, third}) == 3


async def test_stroke_that_the_client_named_keeps_its_name(host, guest):
    await draw(guest, "mousedown", strokeId="mine-1")
    await draw(guest, "mousemove")

    await host.hears("sendDrawingData")
    seen = await host.hears("sendDrawingData")

    assert seen["msg"]["strokeId"] == "mine-1"


async def test_stroke_of_somebody_else_is_not_drawn_on(host, guest):
    await draw(host, "mousedown", strokeId="theirs")

    refused = await guest.asks("sendDrawingData", msg=drawn("mousedown", strokeId="theirs"))

    assert refused["code"] == "not_allowed"


@pytest.mark.parametrize(
    "msg", [{}, {"drawingType": "drag"}, "text", drawn(strokeId="a|b"), drawn(strokeId="x" * 65), drawn(strokeId=5)]
)
async def test_drawing_of_another_shape_is_refused(guest, msg):
    answer = await guest.asks("sendDrawingData", msg=msg)

    assert answer["code"] == "bad_payload"


async def test_viewers_draw_nothing_and_participants_show_no_board(comes, host, guest):
    viewer = await comes("viewer", "viewer")

    answers = [
        await viewer.asks("sendDrawingData", msg=drawn()),
        await viewer.asks("Un-do"),
        await viewer.asks("clear-whiteBoard"),
        await guest.asks("whiteBoardToggle", on=True),
    ]

    assert [answer["code"] for answer in answers] == ["not_allowed"] * 4


async def test_plan_without_whiteboard_has_none(comes, house):
    house.features = frozenset()
    host = await comes("host", "host")

    answers = [
        await host.asks("whiteBoardToggle", on=True),
        await host.asks("whiteBoardStateRequest"),
        await host.asks("white-board-stage", msg={"stage": STAGE}),
        await host.asks("sendDrawingData", msg=drawn()),
        await host.asks("Un-do"),
        await host.asks("clear-whiteBoard"),
    ]

    assert [answer["code"] for answer in answers] == ["not_allowed"] * 6


async def test_stage_of_the_owner_is_kept_and_numbered(host, guest):
    await host.asks("whiteBoardToggle", on=True)
    answer = await host.asks("white-board-stage", msg={"stage": STAGE, "room_id": "another"}, version=3)
    seen = await guest.hears("white-board-stage")

    assert answer["seq"] == 1
    assert (seen["seq"], seen["id"], seen["version"]) == (1, "host", 3)
    assert seen["msg"] == {"stage": STAGE, "socketId": host.connection.id, "room_id": host.claims.room_id}


async def test_only_the_owner_sends_a_stage_and_without_one_the_hosts(comes, host, guest):
    cohost = await comes("cohost", "cohost")
    answers = [
        await guest.asks("white-board-stage", msg={"stage": 1}),
        await cohost.asks("white-board-stage", msg={"stage": 2}),
    ]
    await host.asks("whiteBoardToggle", on=True, owner="guest")
    answers += [
        await cohost.asks("white-board-stage", msg={"stage": 3}),
        await guest.asks("white-board-stage", msg={"stage": 4}),
    ]

    assert [answer.get("code", "taken") for answer in answers] == ["not_allowed", "taken", "not_allowed", "taken"]


async def test_large_stage_is_taken_up_to_its_limit(host, guest):
    taken = await host.asks("white-board-stage", msg={"stage": "x" * 1_000_000})
    refused = await host.asks("white-board-stage", msg={"stage": "x" * (1 << 20)})
    seen = await guest.hears("white-board-stage")

    assert (taken["type"], refused["code"], len(seen["msg"]["stage"])) == ("ack", "too_large", 1_000_000)


async def test_whoever_comes_late_gets_the_stage_and_what_was_drawn_after_it(comes, host, guest):
    await draw(guest, "mousedown", "mouseup", strokeId="before")
    await host.asks("white-board-stage", msg={"stage": STAGE})
    await draw(guest, "mousedown", "mousemove", "mouseup", strokeId="after")

    late = await comes("late", through=1)

    told = late.of("white-board-stage", "sendDrawingData")
    assert [event["msg"].get("stage") or event["msg"]["strokeId"] for event in told] == [STAGE, *["after"] * 3]
    assert ["seq" in event for event in told] == [False] * 4
    assert late.heard[0]["seq"] == 1


async def test_whoever_comes_into_a_room_without_a_board_is_told_of_none(comes, host):
    late = await comes("late")

    assert late.of("white-board-stage") == []


async def test_whoever_comes_back_gets_the_stage_once_and_numbered_if_they_missed_it(comes, host, guest):
    known = guest.heard[0]
    await guest.connection.leave(is_over=False)
    for stage in (1, 2):
        await host.asks("white-board-stage", msg={"stage": stage})
    await draw(host, "mousedown", strokeId="after")

    back = await comes("guest", seat=guest.claims.seat, epoch=known["epoch"], lastSeq=known["seq"])

    told = back.of("white-board-stage", "sendDrawingData")
    assert [(event.get("seq"), event["msg"].get("stage", "after")) for event in told] == [(2, 2), (None, "after")]


async def test_whoever_comes_back_and_missed_no_stage_gets_it_without_a_number(comes, host, guest):
    await host.asks("white-board-stage", msg={"stage": 1})
    seen = await guest.hears("white-board-stage")
    await guest.connection.leave(is_over=False)

    back = await comes("guest", seat=guest.claims.seat, epoch=guest.heard[0]["epoch"], lastSeq=seen["seq"])

    assert [(event.get("seq"), event["msg"]["stage"]) for event in back.of("white-board-stage")] == [(None, 1)]


async def test_owner_answers_who_asks_and_the_server_does_not_then(monkeypatch, host, guest):
    monkeypatch.setattr(whiteboard, "ANSWER_SECONDS", 0.3)
    await host.asks("whiteBoardToggle", on=True)
    await guest.say("whiteBoardStateRequest")
    asked = await host.hears("whiteBoardStateRequest")
    await host.asks("white-board-stage", msg={"stage": STAGE}, to="guest")
    seen = await guest.hears("white-board-stage")
    await _after_answers(guest)

    assert (asked["id"], asked["username"]) == ("guest", "Guest")
    assert (seen["id"], seen["msg"]["stage"], "seq" in seen, "pseq" in seen) == ("host", STAGE, False, False)
    assert len(guest.of("white-board-stage")) == 1


async def test_stage_is_for_somebody_who_is_here(host):
    answer = await host.asks("white-board-stage", msg={"stage": 1}, to="nobody")

    assert answer["code"] == "not_in_room"


async def test_server_answers_where_the_owner_does_not(monkeypatch, host, guest):
    monkeypatch.setattr(whiteboard, "ANSWER_SECONDS", 0.1)
    await host.asks("whiteBoardToggle", on=True)
    await draw(host, "mousedown", strokeId="s1")
    guest.heard.clear()
    guest.place = 0

    await guest.say("whiteBoardStateRequest")
    await guest.hears("white-board-stage")
    await guest.hears("sendDrawingData")

    assert [event["msg"].get("strokeId") for event in guest.of("white-board-stage", "sendDrawingData")][-2:] == [
        None,
        "s1",
    ]
    assert len(host.of("whiteBoardStateRequest")) == 1


@pytest.mark.parametrize("asker", ["host", "guest"])
async def test_server_answers_at_once_where_nobody_else_could(host, guest, asker):
    one = {"host": host, "guest": guest}[asker]
    if asker == "host":
        await host.asks("whiteBoardToggle", on=True)

    await one.say("whiteBoardStateRequest")
    seen = await one.hears("white-board-stage")

    assert seen["msg"] == {"stage": None, "socketId": "", "room_id": host.claims.room_id}
    assert host.of("whiteBoardStateRequest") == []


async def test_who_left_meanwhile_is_answered_nothing(monkeypatch, host, guest):
    monkeypatch.setattr(whiteboard, "ANSWER_SECONDS", 0.1)
    await host.asks("whiteBoardToggle", on=True)

    await guest.say("whiteBoardStateRequest")
    await guest.connection.leave(is_over=True)
    await _after_answers(host)

    assert guest.of("white-board-stage") == []


async def test_undo_names_the_stroke_and_a_stage_of_the_owner_follows(host, guest):
    await host.asks("whiteBoardToggle", on=True)
    await draw(guest, "mousedown", "mouseup", strokeId="s1")
    await draw(host, "mousedown", "mouseup", strokeId="s2")
    answer = await guest.asks("Un-do")
    seen = await host.hears("Un-do")
    await host.hears("whiteBoardStateRequest")
    await host.asks("white-board-stage", msg={"stage": STAGE})
    stage = await guest.hears("white-board-stage")

    assert answer["type"] == "ack"
    assert seen["msg"] == {"socketId": guest.connection.id, "room_id": guest.claims.room_id, "strokeId": "s1"}
    assert stage["msg"]["stage"] == STAGE


async def test_board_without_the_stroke_follows_undo_where_no_owner_answers(monkeypatch, host, guest):
    monkeypatch.setattr(whiteboard, "ANSWER_SECONDS", 0.1)
    await draw(guest, "mousedown", "mouseup", strokeId="s1")
    await draw(guest, "mousedown", "mouseup", strokeId="s2")
    await guest.asks("Un-do", msg={"strokeId": "s1"})
    await guest.asks("Un-do", msg={"strokeId": "s2"})
    for one in (host, guest):
        await one.hears("white-board-stage")
        await one.hears("white-board-stage")

    kinds = [event["type"] for event in host.of("Un-do", "white-board-stage")]
    assert kinds == ["Un-do", "Un-do", "white-board-stage", "white-board-stage"]
    told = host.heard.index(host.of("white-board-stage")[0])
    assert [event for event in host.heard[told:] if event["type"] == "sendDrawingData"] == []


@pytest.mark.parametrize("msg", [{}, {"strokeId": "theirs"}, {"strokeId": "none"}])
async def test_undo_takes_back_what_is_ones_own_only(host, guest, msg):
    await draw(host, "mousedown", strokeId="theirs")

    answer = await guest.asks("Un-do", msg=msg)

    assert answer["code"] == "not_allowed"
    assert host.of("Un-do") == []


async def test_cleared_board_is_blank_for_who_comes_late(comes, host, guest):
    await host.asks("white-board-stage", msg={"stage": STAGE})
    await draw(guest, "mousedown")
    await guest.asks("clear-whiteBoard")
    seen = await host.hears("clear-whiteBoard")
    late = await comes("late")

    assert seen["id"] == "guest"
    assert [event["msg"].get("stage", "drawn") for event in late.of("white-board-stage", "sendDrawingData")] == [None]


async def test_hosts_may_keep_clearing_to_themselves(host, guest):
    await host.asks("whiteBoardToggle", on=True, onlyHostsClear=True)

    answers = [await one.asks("clear-whiteBoard") for one in (guest, host)]

    assert [answer.get("code", "taken") for answer in answers] == ["not_allowed", "taken"]


async def test_owner_is_asked_once_for_a_stage_before_the_log_is_full(host, guest):
    await draw(guest, "mousedown", strokeId="s0")
    await guest.connection.hub.bus._redis.hset(f"room:{guest.claims.room_id}:meta", "strokes", drawing.MANY_STROKES)
    await draw(guest, "mousedown", strokeId="s1")
    await host.asks("whiteBoardToggle", on=True)
    await draw(guest, "mousedown", strokeId="s2")
    await draw(guest, "mousedown", strokeId="s3")
    await _after_answers(host)

    assert len(host.of("whiteBoardStateRequest")) == 1


async def _after_answers(one):
    """Wait until whatever was to be answered is."""
    hub = one.connection.hub
    waiting = [task for task in hub._tasks if task.get_coro().__name__ in ("_answer", "_refresh")]
    for task in waiting:
        await task
    await one.say("raise-hand", ref="last")
