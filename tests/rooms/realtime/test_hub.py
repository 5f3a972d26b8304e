"""Rooms that span processes: order, numbers, seats, and what happens when links and Redis are lost."""

import asyncio

from rooms.realtime import tasks
from rooms.realtime.seating import Full
from rooms.realtime.standing import Standing
from tests.rooms.realtime.conftest import eventually, mirror


async def test_event_reaches_members_of_every_process_in_one_order(process, room_id):
    one, two = await process(), await process()
    _, _, a = await one.join(room_id, "a")
    _, _, b = await two.join(room_id, "b")

    await asyncio.gather(
        *(side.say(room_id, f"{side.hub.process} {number}") for number in range(50) for side in (one, two))
    )
    await eventually(lambda: len(a.of("said")) == len(b.of("said")) == 100)

    assert a.of("said") == b.of("said")


async def test_what_waits_for_others_is_told_before_what_is_said_after_it(process, room_id, messages):
    one = await process()
    _, _, a = await one.join(room_id, "a")
    messages()

    await asyncio.gather(
        *(one.say(room_id, text, gathers=text in "bcef", is_kept=text == "d") for text in "abcdef"),
    )
    await eventually(lambda: len(a.of("said")) == 6)

    assert "".join(event["text"] for event in a.of("said")) == "abcdef"
    assert len(messages()) == 4


async def test_kept_events_are_numbered_without_a_gap(process, room_id):
    one = await process()
    _, _, a = await one.join(room_id, "a")

    said = [await one.say(room_id, str(number), is_kept=number % 2 == 0) for number in range(6)]
    await eventually(lambda: len(a.of("said")) == 6)

    assert [event.get("seq") for event in a.of("said")] == [1, None, 2, None, 3, None]
    assert [answer.seq for answer in said] == [1, 0, 2, 0, 3, 0]


async def test_ref_is_said_once_and_answered_alike(process, room_id):
    one, two = await process(), await process()
    _, _, a = await one.join(room_id, "a")

    answers = [await side.say(room_id, "x", is_kept=True, ref="a:1") for side in (one, two, one)]
    await one.say(room_id, "end")
    await eventually(lambda: a.of("said") and a.of("said")[-1]["text"] == "end")

    assert [(answer.seq, answer.is_new) for answer in answers] == [(1, True), (1, False), (1, False)]
    assert [event["text"] for event in a.of("said")] == ["x", "end"]


async def test_sender_does_not_get_its_own_event_and_private_ones_reach_their_person(process, room_id):
    one, two = await process(), await process()
    _, a_member, a = await one.join(room_id, "a")
    _, _, b = await two.join(room_id, "b")
    _, _, c = await two.join(room_id, "c")

    await one.say(room_id, "to all others", skip=a_member.id)
    await one.say(room_id, "to b", to=("b",))
    await one.say(room_id, "end")
    await eventually(lambda: all(each.of("said") and each.of("said")[-1]["text"] == "end" for each in (a, b, c)))

    assert [event["text"] for event in a.of("said")] == ["end"]
    assert [event["text"] for event in b.of("said")] == ["to all others", "to b", "end"]
    assert [event["text"] for event in c.of("said")] == ["to all others", "end"]


async def test_private_kept_events_have_numbers_of_each_person(process, room_id):
    one = await process()
    _, _, a = await one.join(room_id, "a")
    _, _, b = await one.join(room_id, "b")
    _, _, c = await one.join(room_id, "c")

    await one.say(room_id, "first", is_kept=True, to=("b", "a"))
    await one.say(room_id, "second", is_kept=True, to=("b", "c"))
    await eventually(lambda: len(b.of("said")) == 2 and c.of("said") and a.of("said"))

    assert [event["pseq"] for event in a.of("said")] == [1]
    assert [event["pseq"] for event in b.of("said")] == [1, 2]
    assert [event["pseq"] for event in c.of("said")] == [1]


async def test_events_for_a_role_reach_those_who_have_it(process, room_id):
    one = await process()
    _, _, host = await one.join(room_id, "a", role="host")
    _, _, viewer = await one.join(room_id, "b", role="viewer")

    await one.say(room_id, "to hosts", roles=("host", "cohost"))
    await one.say(room_id, "end")
    await eventually(lambda: viewer.of("said"))

    assert [event["text"] for event in host.of("said")] == ["to hosts", "end"]
    assert [event["text"] for event in viewer.of("said")] == ["end"]


async def test_missed_events_are_read_from_the_stream_and_no_others_text_lies_in_redis(process, room_id):
    one = await process()
    for number in range(5):
        await one.say(room_id, f"canary {number}", is_kept=True)

    missed = await one.hub.missed(room_id, 1, 4)
    stored = await one.hub.bus.missed(room_id, 0, 5)

    assert [event.seq for event in missed] == [2, 3, 4]
    assert [b"canary" in event.body for event in missed] == [True] * 3
    assert not any(b"canary" in text for _, text in stored)


async def test_room_takes_no_more_people_than_it_may_whoever_comes_at_once(process, room_id):
    sides = [await process(), await process()]

    outcomes = await asyncio.gather(
        *(sides[number % 2].join(room_id, f"p{number}", limit=5) for number in range(20)), return_exceptions=True
    )

    assert sum(isinstance(outcome, Full) for outcome in outcomes) == 15
    assert not [outcome for outcome in outcomes if isinstance(outcome, BaseException) and not isinstance(outcome, Full)]


async def test_second_device_of_somebody_takes_no_place_and_no_notice(process, room_id):
    one = await process()
    room, _, a = await one.join(room_id, "a", limit=1)

    await one.join(room_id, "a", limit=1)
    await one.say(room_id, "end")
    await eventually(lambda: a.of("said"))

    assert a.of("participant-joined") == []
    assert len(room.seats) == 2


async def test_dropped_seat_is_given_up_after_its_time_by_one_process_only(process, room_id):
    one, two = await process(held_seconds=0.2), await process(held_seconds=0.2)
    room, member, _ = await one.join(room_id, "a")
    _, _, b = await two.join(room_id, "b")

    await one.hub.seating.drop(room_id, member.pid, holder=member.id)
    await one.hub.remove(room, member)
    await eventually(lambda: b.of("participant-left"))

    assert [event["reason"] for event in b.of("participant-left")] == ["lost"]
    assert sorted(one.left + two.left) == [(room_id, "a", "lost")]


async def test_seat_that_is_taken_again_in_time_makes_no_noise(process, room_id):
    one, two = await process(held_seconds=1), await process(held_seconds=1)
    room, member, _ = await one.join(room_id, "a")
    _, _, b = await two.join(room_id, "b")

    await one.hub.seating.drop(room_id, member.pid, holder=member.id)
    await one.hub.remove(room, member)
    await two.join(room_id, "a", pid=member.pid)
    # The news that the link broke may come late.
    await one.hub.seating.drop(room_id, member.pid, holder=member.id)
    await asyncio.sleep(2.5)

    assert b.of("participant-left") == []
    assert [event["participant"]["id"] for event in b.of("participant-joined")] == ["b"][1:]


async def test_seats_of_a_dead_process_are_given_up(process, room_id, monkeypatch):
    monkeypatch.setattr("rooms.realtime.seating.DEAD_SECONDS", 0.5)
    one, two = await process(held_seconds=0.2), await process(held_seconds=0.2)
    await one.join(room_id, "a")
    room, _, b = await two.join(room_id, "b")

    # As a kill does: it goes without a word.
    await tasks.end(one.hub._tasks)
    await eventually(lambda: b.of("participant-left"))

    assert mirror(room) == {"b"}


async def test_emptied_redis_forgets_nobody_who_is_connected(process, room_id):
    one, two = await process(), await process()
    await one.join(room_id, "a")
    room, _, b = await two.join(room_id, "b")
    epoch = room.epoch

    await one.hub.bus._redis.flushall()
    await eventually(lambda: room.epoch != epoch and mirror(room) == {"a", "b"})
    _, _, c = await one.join(room_id, "c")
    await two.say(room_id, "after", is_kept=True)
    await eventually(lambda: b.of("said") and c.of("said"))

    assert [event["seq"] for event in b.of("said")] == [1]


async def test_gap_in_what_is_heard_is_closed_from_the_stream(process, room_id):
    one, two = await process(), await process()
    await one.join(room_id, "a")
    room, _, b = await two.join(room_id, "b")
    await one.say(room_id, "1", is_kept=True)
    await eventually(lambda: room.seq == 1)

    await two.hub.bus._listening.disconnect()
    for number in range(2, 6):
        await one.say(room_id, str(number), is_kept=True)
    await eventually(lambda: len(b.of("said")) == 5)

    assert [(event["text"], event["seq"]) for event in b.of("said")] == [(str(n), n) for n in range(1, 6)]


async def test_whoever_may_not_stay_is_closed_and_gone(process, room_id):
    one, two = await process(), await process()
    _, member, a = await one.join(room_id, "a")
    _, _, b = await two.join(room_id, "b")

    one.standings[member.pid] = Standing(close=4403, reason="removed")
    await eventually(lambda: a.closed and b.of("participant-left"))

    assert a.closed == [4403]
    assert [event["reason"] for event in b.of("participant-left")] == ["removed"]


async def test_changed_role_is_told_and_decides_at_once(process, room_id):
    one = await process()
    _, member, a = await one.join(room_id, "a", role="viewer")

    one.standings[member.pid] = Standing(role="presenter")
    await eventually(lambda: a.of("participant-updated"))

    assert [event["participant"]["role"] for event in a.of("participant-updated")] == ["presenter"]
    assert member.role == "presenter"


async def test_room_that_nobody_is_in_is_not_listened_to(process, room_id):
    one = await process()
    room, member, _ = await one.join(room_id, "a")

    await one.hub.remove(room, member)

    assert one.hub._rooms == {}
    assert one.hub.bus._rooms == {}
