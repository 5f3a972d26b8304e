"""Sharing a screen: one at a time, until who shares stops, leaves, or is stopped."""

import pytest


@pytest.fixture
async def host(comes):
    return await comes("host", "host")


@pytest.fixture
async def guest(comes, host):
    return await comes("guest", through=1)


def bare(event):
    return {name: value for name, value in event.items() if name not in ("time", "timeMs")}


@pytest.mark.parametrize("stream", ["stream-1", ""])
async def test_shared_screen_is_told_to_all_and_to_who_comes_later(comes, host, guest, stream):
    answer = await guest.asks("sharing-toggle", on=True, streamId=stream)
    seen = await host.hears("sharing-toggle")
    late = await comes("late")

    assert (answer["type"], seen["id"], seen["on"], seen["streamId"]) == ("ack", "guest", True, stream)
    assert late.heard[0]["sharing"] == {"id": "guest", "streamId": stream}


async def test_one_screen_is_shared_at_a_time(comes, host, guest):
    await guest.asks("sharing-toggle", on=True, streamId="one")
    await host.hears("sharing-toggle")
    refused = await host.asks("sharing-toggle", on=True, streamId="two")
    await guest.asks("sharing-toggle", on=False, streamId="one")
    await host.hears("sharing-toggle")
    taken = await host.asks("sharing-toggle", on=True, streamId="two")

    assert ((refused["type"], refused["code"]), taken["type"]) == (("error", "not_allowed"), "ack")


async def test_host_ends_a_shared_screen_for_the_whole_room(comes, host, guest):
    third = await comes("third", through=1)
    await guest.asks("sharing-toggle", on=True, streamId="one")
    for one in (host, third):
        await one.hears("sharing-toggle")

    answer = await host.asks("mute-participant", to="guest", kind="screen")
    told = await guest.hears("mute-participant")
    ended = [await one.hears("sharing-toggle") for one in (host, guest, third)]
    late = await comes("late")
    again = await third.asks("sharing-toggle", on=True, streamId="two")

    said = {"type": "sharing-toggle", "id": "guest", "username": "Guest", "on": False, "streamId": "one"}
    assert [bare(event) for event in ended] == [said] * 3
    assert (answer["type"], told["kind"], third.of("mute-participant")) == ("ack", "screen", [])
    assert "sharing" not in late.heard[0]
    assert again["type"] == "ack"


async def test_host_who_ends_what_nobody_shares_tells_the_person_alone(host, guest):
    await host.asks("mute-participant", to="guest", kind="screen")
    await guest.hears("mute-participant")
    await host.asks("raise-hand", on=True)
    await guest.hears("raise-hand")

    assert guest.of("sharing-toggle") == []


async def test_screen_of_who_left_is_not_shown_any_more(comes, host, guest):
    await guest.asks("sharing-toggle", on=True, streamId="one")
    await host.hears("sharing-toggle")

    await guest.connection.leave(is_over=True)
    await host.hears("participant-left")
    late = await comes("late")
    taken = await host.asks("sharing-toggle", on=True, streamId="two")

    assert ("sharing" in late.heard[0], taken["type"]) == (False, "ack")


async def test_who_shares_and_comes_back_shares_still(comes, host, guest):
    await guest.asks("sharing-toggle", on=True, streamId="one")
    await host.hears("sharing-toggle")

    await guest.connection.leave(is_over=False)
    back = await comes("guest", seat=guest.claims.seat)

    assert back.heard[0]["sharing"] == {"id": "guest", "streamId": "one"}
