"""The clock of the server, as clients ask for it."""

import pytest


async def test_clock_gives_back_the_time_of_the_client_with_its_own(comes):
    viewer = await comes("viewer", "viewer")
    other = await comes("other", through=1)

    await viewer.say("clock", t0=1234.5)

    (told,) = viewer.of("clock")
    assert told == {"type": "clock", "t0": 1234.5, "t1": told["t1"], "t2": told["t2"]}
    assert told["t1"] <= told["t2"]
    assert other.of("clock") == []


@pytest.mark.parametrize("said", [{}, {"t0": "now"}, {"t0": None}])
async def test_clock_without_a_time_is_refused(comes, said):
    viewer = await comes("viewer", "viewer")

    answer = await viewer.asks("clock", **said)

    assert answer["code"] == "bad_payload"
