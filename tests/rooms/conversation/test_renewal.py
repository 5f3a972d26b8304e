"""What people are told anew who are in a room: what was missed, and all of it after Redis was emptied."""

import asyncio

import pytest

from rooms.exceptions import Removed
from tests.rooms.realtime.conftest import eventually


@pytest.fixture
async def host(comes):
    return await comes("host", "host")


@pytest.fixture
async def guest(comes, host):
    guest = await comes("guest", through=1)
    await host.hears("participant-joined")
    return guest


async def deafen(one):
    await one.connection.hub.bus._listening.disconnect()


async def empty(one):
    await one.connection.hub.bus._redis.flushall()


async def test_who_comes_back_is_told_how_many_are_here(comes, guest):
    await guest.hears("view_count")
    seat = guest.claims.seat
    await guest.connection.leave(is_over=False)

    again = await comes("guest", through=0, seat=seat)

    assert (await again.hears("view_count")) == {"type": "view_count", "count": 2, "total": 2}


async def test_what_changed_while_nothing_was_heard_is_told_with_the_room(host, guest):
    await host.say("whiteBoardToggle", on=True)
    await guest.hears("whiteBoardToggle")

    await deafen(guest)
    await host.say("whiteBoardToggle", on=False)
    told = await guest.hears("room_connected")
    await host.say("reaction", emoji="x")
    await guest.hears("reaction")

    assert told["whiteboard"] == {"on": False, "owner": "host"}
    assert told["epoch"] == guest.of("room_connected")[0]["epoch"]
    assert len(guest.of("room_connected")) == 2
    assert len(host.of("room_connected")) == 1


async def test_who_missed_nothing_of_the_room_is_not_told_of_it_again(host, guest):
    await deafen(guest)
    await host.say("raise-hand", on=True)
    await guest.hears("participant-updated")

    assert len(guest.of("room_connected")) == 1


async def test_owner_is_asked_for_the_board_that_redis_forgot(host, guest):
    await host.say("whiteBoardToggle", on=True)
    await guest.hears("whiteBoardToggle")

    await empty(host)
    asked = await host.hears("whiteBoardStateRequest")
    await guest.hears("room_connected")
    await host.say("white-board-stage", msg={"stage": "all of it"})
    stage = await guest.hears("white-board-stage")

    assert asked["id"] == "host"
    assert (stage["msg"]["stage"], stage["seq"]) == ("all of it", 1)
    assert guest.of("whiteBoardStateRequest") == []


async def test_who_may_not_be_there_any_more_is_told_nothing_anew(host, guest, house, monkeypatch):
    async def arrive(claims, *, is_seated):
        raise Removed

    monkeypatch.setattr(house, "arrive", arrive)
    await empty(host)
    await eventually(lambda: guest.closed)

    assert guest.closed == [4403]
    assert len(guest.of("room_connected")) == 1


async def test_who_came_a_moment_ago_may_speak_however_late_redis_tells_of_their_seat(comes, host):
    bus, loop = host.connection.hub.bus, asyncio.get_running_loop()
    heard = bus._heard
    bus._heard = lambda *message: loop.call_later(0.05, heard, *message)

    guest = await comes("guest")

    assert (await guest.asks("reaction", emoji="x"))["type"] == "ack"
