"""A recording that begins or ends, as a room hears of it."""

import pytest

from tests.rooms.conversation.conftest import comes, house, process, room_id  # noqa: F401 - fixtures


@pytest.fixture
async def host(comes):  # noqa: F811 - fixtures
    return await comes("host", "host")


async def test_all_are_told_of_a_recording_and_so_is_who_comes_later(comes, host):  # noqa: F811 - fixtures
    guest = await comes("guest", through=1)

    answer = await host.asks("recording", on=True, recordingId="rec-1")
    seen = await guest.hears("recording")
    late = await comes("late", through=1)

    assert "seq" not in answer
    assert seen == {
        "type": "recording",
        "id": "host",
        "username": "Host",
        "time": seen["time"],
        "timeMs": seen["timeMs"],
        "on": True,
        "recordingId": "rec-1",
    }
    assert late.heard[0]["recording"] == {"on": True, "recordingId": "rec-1"}


async def test_recording_that_has_ended_is_told_to_nobody_who_comes_later(comes, host):  # noqa: F811 - fixtures
    await host.asks("recording", on=True)
    await host.asks("recording", on=False, recordingId="rec-1")

    late = await comes("late")

    assert late.heard[0]["recording"] == {"on": False}


@pytest.mark.parametrize("role", ["presenter", "participant", "viewer"])
async def test_only_hosts_record(comes, host, role):  # noqa: F811 - fixtures
    guest = await comes("guest", role)

    answer = await guest.asks("recording", on=True)

    assert answer["code"] == "not_allowed"


@pytest.mark.parametrize("said", [{}, {"on": "yes"}, {"on": True, "recordingId": "x" * 201}])
async def test_recording_of_another_shape_is_refused(host, said):
    answer = await host.asks("recording", **said)

    assert answer["code"] == "bad_payload"
