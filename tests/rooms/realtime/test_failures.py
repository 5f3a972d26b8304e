"""What two processes and Redis make of one another when something fails: found by `tests.rooms.conversation`."""

import asyncio

import pytest
from redis.exceptions import RedisError

from rooms.realtime.bus import EVERYTHING, PROCESSES
from rooms.realtime.events import Route, packed
from rooms.realtime.seating import DEAD_SECONDS
from tests.rooms.realtime.conftest import eventually, mirror


async def test_changes_of_one_seat_by_two_processes_do_not_undo_each_other(process, room_id):
    one, two = await process(), await process()
    here, member, _ = await one.join(room_id, "a")
    there, _, _ = await two.join(room_id, "b")
    await eventually(lambda: mirror(here) == mirror(there) == {"a", "b"})
    await one.hub.change(room_id, [here.seats[member.pid]], mic=True)
    await eventually(lambda: here.seats[member.pid].mic and there.seats[member.pid].mic)

    await asyncio.gather(
        one.hub.change(room_id, [here.seats[member.pid]], hand=True),
        two.hub.change(room_id, [there.seats[member.pid]], mic=False),
    )
    await eventually(lambda: here.seats[member.pid].hand and not here.seats[member.pid].mic)

    assert here.seats == there.seats


async def test_change_of_a_seat_that_was_given_up_does_not_bring_it_back(process, room_id):
    one = await process()
    room, member, _ = await one.join(room_id, "a")
    await eventually(lambda: member.pid in room.seats)
    seat = room.seats[member.pid]
    await one.hub.seating.rise(room_id, seat, reason="left")

    await one.hub.change(room_id, [seat], hand=True)
    _, _, taken, _ = await one.hub.bus.tables(room_id)

    assert taken == {}


async def test_private_events_missed_while_redis_was_away_are_told(process, room_id):
    one, two = await process(), await process()
    await one.join(room_id, "a")
    _, _, b = await two.join(room_id, "b")

    await two.hub.bus._listening.disconnect()
    await one.say(room_id, "private", is_kept=True, to=("b",))
    await one.say(room_id, "again", is_kept=True, to=("b",))
    await eventually(lambda: len(b.of("said")) == 2)

    assert [(event["text"], event["pseq"]) for event in b.of("said")] == [("private", 1), ("again", 2)]


async def test_kept_event_is_said_once_when_its_answer_is_lost(process, room_id):
    one = await process()
    room, _, a = await one.join(room_id, "a")

    saying = asyncio.create_task(one.say(room_id, "x", is_kept=True))
    await asyncio.sleep(0)
    await one.hub.bus._redis.connection_pool.disconnect()
    await saying
    await one.say(room_id, "end", is_kept=True)
    await eventually(lambda: a.of("said") and a.of("said")[-1]["text"] == "end")

    assert [(event["text"], event["seq"]) for event in a.of("said")] == [("x", 1), ("end", 2)]
    assert room.seq == 2


async def test_process_that_stood_still_keeps_the_seats_of_its_members(process, room_id):
    time = 1_000_000.0
    one, two = await process(now=lambda: time), await process(now=lambda: time)
    room, member, a = await one.join(room_id, "a")
    await two.join(room_id, "b")
    redis = one.hub.bus._redis

    # As the other one sees it while this one does not beat.
    await two.hub.seating.drop(room_id, member.pid, holder=one.hub.process)
    await redis.zrem(PROCESSES, one.hub.process)
    await one.hub._beat()
    time += 30 + DEAD_SECONDS
    await asyncio.gather(one.hub._beat(), two.hub._beat())
    await two.hub._give_up_seats()

    assert mirror(room) == {"a", "b"}
    assert a.closed == []


async def test_member_whose_seat_was_given_up_is_asked_to_come_again(process, room_id):
    one, two = await process(), await process()
    room, member, a = await one.join(room_id, "a")
    await two.join(room_id, "b")
    await eventually(lambda: member.pid in room.seats)

    await two.hub.seating.rise(room_id, room.seats[member.pid], reason="lost")
    await eventually(lambda: a.closed)

    assert a.closed[0] == 1012


async def test_seat_that_nobody_holds_is_given_up(process, room_id):
    one, two = await process(held_seconds=0.2), await process(held_seconds=0.2)
    room, member, _ = await one.join(room_id, "a")
    _, _, b = await two.join(room_id, "b")

    # The link broke while Redis was away: nothing could be noted.
    await one.hub.remove(room, member)
    await eventually(lambda: b.of("participant-left"))

    assert [event["participant"]["id"] for event in b.of("participant-left")] == ["a"]


async def test_who_left_while_nothing_was_heard_is_told_to_those_who_stay(process, room_id):
    one, two = await process(), await process()
    here, member, _ = await one.join(room_id, "a")
    there, _, b = await two.join(room_id, "b")
    await eventually(lambda: mirror(there) == mirror(here) == {"a", "b"})

    await two.hub.bus._listening.disconnect()
    await one.hub.seating.rise(room_id, here.seats[member.pid], reason="left")
    await eventually(lambda: b.of("participant-left"))

    assert mirror(there) == {"b"}


async def test_events_said_in_a_new_epoch_reach_everybody_who_is_here(process, room_id):
    one, two = await process(), await process()
    await one.join(room_id, "a")
    room, _, b = await two.join(room_id, "b")
    epoch = room.epoch

    await one.hub.bus._redis.flushall()
    await one.say(room_id, "first", is_kept=True)
    await one.say(room_id, "second", is_kept=True)
    await eventually(lambda: len(b.of("said")) == 2)

    assert room.epoch != epoch
    assert [(event["text"], event["seq"]) for event in b.of("said")] == [("first", 1), ("second", 2)]
    await eventually(lambda: mirror(room) == {"a", "b"})


async def test_change_of_a_seat_that_redis_forgot_is_not_undone_when_it_is_restored(process, room_id):
    one = await process()
    room, member, _ = await one.join(room_id, "a")
    await eventually(lambda: member.pid in room.seats)
    await one.hub.change(room_id, [room.seats[member.pid]], mic=True)
    await eventually(lambda: room.seats[member.pid].mic)
    epoch = room.epoch

    await one.hub.bus._redis.flushall()
    await one.hub.change(room_id, [room.seats[member.pid]], mic=False)
    await eventually(lambda: room.epoch != epoch)
    await one.say(room_id, "end", is_kept=True)
    await eventually(lambda: room.seq == 1)

    seat = await one.hub.bus.seat(room_id, member.pid)
    assert seat == room.seats[member.pid]
    assert not seat.mic


async def test_device_that_comes_after_redis_was_emptied_hides_nothing_of_the_other_one(process, room_id):
    one, two = await process(), await process()
    room, member, _ = await one.join(room_id, "a")
    await eventually(lambda: mirror(room) == {"a"})
    _, _, b = await one.join(room_id, "b")
    await eventually(lambda: mirror(room) == {"a", "b"})
    await one.hub.change(room_id, [room.seats[member.pid]], mic=True)
    await eventually(lambda: b.of("participant-updated"))

    await one.hub.bus._redis.flushall()
    await two.join(room_id, "a")
    await eventually(lambda: len(room.seats) == 3)
    await one.say(room_id, "end", is_kept=True)
    await eventually(lambda: b.of("said"))

    assert room.people()["a"].mic
    assert b.of("participant-joined") == []


async def test_seat_that_was_taken_again_stays_with_the_process_that_holds_it(process, room_id):
    one, two = await process(), await process()
    _, member, _ = await one.join(room_id, "a")
    _, again, _ = await two.join(room_id, "a", pid=member.pid)
    _, latest, _ = await two.join(room_id, "a", pid=member.pid)

    # The news that links, and a process, are gone come late.
    await two.hub.seating.drop(room_id, member.pid, holder=again.id)
    await two.hub.seating.drop(room_id, member.pid, holder=one.hub.process, process=one.hub.process)

    assert await two.hub.bus.held_by(two.hub.process) == [(room_id, member.pid)]
    assert await one.hub.bus.held_by(one.hub.process) == []
    assert (await two.hub.bus.seat(room_id, member.pid)).holder == latest.id


async def test_nobody_is_told_that_they_left_when_another_device_of_theirs_did(process, room_id):
    one = await process()
    room, member, a = await one.join(room_id, "a")
    _, _, b = await one.join(room_id, "b")
    await eventually(lambda: mirror(room) == {"a", "b"})

    # As where the seat of the device that stays is taken, and was not heard of yet.
    await one.hub.seating.rise(room_id, room.seats[member.pid], reason="left")
    await eventually(lambda: b.of("participant-left"))

    assert a.of("participant-left") == []


async def test_state_that_changed_while_nothing_was_heard_is_told(process, room_id):
    one, two = await process(), await process()
    await one.join(room_id, "a")
    room, _, b = await two.join(room_id, "b")
    await one.say(room_id, "known", writes=(("state", "locked", "true"),))
    await eventually(lambda: room.state.get("locked"))

    await two.hub.bus._listening.disconnect()
    await one.say(room_id, "missed", writes=(("state", "locked", ""),))
    await eventually(lambda: b.renewed)
    await one.say(room_id, "heard", is_kept=True)
    await eventually(lambda: len(b.of("said")) == 2)

    assert "locked" not in room.state
    assert [event["text"] for event in b.of("said")] == ["known", "heard"]


@pytest.mark.parametrize("field", ["locked", EVERYTHING])
async def test_state_that_ended_while_redis_knew_nothing_does_not_come_back(process, room_id, field):
    one = await process()
    room, _, _ = await one.join(room_id, "a")
    await one.say(room_id, "known", writes=(("state", "locked", "true"),))
    await eventually(lambda: room.state.get("locked"))
    epoch = room.epoch

    await one.hub.bus._redis.flushall()
    await one.say(room_id, "ended", writes=(("state", field, ""),))
    await eventually(lambda: room.epoch != epoch and "locked" not in room.state)

    _, _, _, state = await one.hub.bus.tables(room_id)
    assert b"locked" not in state


async def test_what_is_heard_late_of_a_past_epoch_holds_nothing_up(process, room_id):
    one = await process()
    room, _, a = await one.join(room_id, "a")
    epoch = room.epoch
    await one.hub.bus._redis.flushall()
    await eventually(lambda: room.epoch != epoch)

    room.hear(f"{epoch}:7:".encode() + packed(Route("said"), b'{"type":"said"}'))
    await one.say(room_id, "after", is_kept=True)
    await eventually(lambda: a.of("said"))

    assert [(event["text"], event["seq"]) for event in a.of("said")] == [("after", 1)]


async def test_room_is_read_again_once_however_many_seats_are_restored(process, room_id, messages):
    one = await process()
    room, _, _ = await one.join(room_id, "a")
    for number in range(20):
        await one.join(room_id, f"p{number}")
    await eventually(lambda: len(room.seats) == 21)
    epoch = room.epoch
    messages()

    await one.hub.bus._redis.flushall()
    await eventually(lambda: room.epoch != epoch)
    await one.say(room_id, "end", is_kept=True)
    await eventually(lambda: room.seq == 1)

    assert len(mirror(room)) == 21
    # Twice, where it is heard before it is read.
    assert sum(b"reload" in message for message in messages()) in (1, 2)


def break_links(one):
    """Break what a process asks Redis by, as a network does."""
    pool = one.hub.bus._redis.connection_pool
    for connection in [*pool._in_use_connections, *pool._available_connections]:
        if connection.is_connected:
            connection._writer.transport.abort()


async def test_room_is_heard_again_wherever_a_beat_breaks_off(process, room_id):
    one = await process()
    _, _, a = await one.join(room_id, "a")

    for turns in range(30):
        await one.hub.bus._redis.flushall()
        beat = asyncio.create_task(one.hub._beat())
        for _ in range(turns):
            await asyncio.sleep(0)
        break_links(one)
        await asyncio.wait((beat,))
        assert isinstance(beat.exception(), RedisError | None)
        await one.hub._beat()
        await one.say(room_id, str(turns), is_kept=True)
        await eventually(lambda: len(a.of("said")) == turns + 1)  # noqa: B023 - it is called in this turn

    assert [event["text"] for event in a.of("said")] == [str(number) for number in range(30)]
