"""People who talk in a room while web processes and Redis are killed: they come back by themselves, everything that was
acknowledged is there, once, and all have it in one order.

By default each is killed twice; `SOAK=full` kills each twenty times.
"""

import asyncio
import os
import random
import time
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress

import psutil
import pytest

from config.lib.supervise.supervisor import STEADY_SECONDS
from tests.rooms.realtime.clients import room_token
from tests.rooms.realtime.survivors import Survivor, surviving
from tests.system.people import register

pytestmark = [pytest.mark.asyncio, pytest.mark.soak]

ROUNDS = 20 if os.environ.get("SOAK") == "full" else 2
BACK_SECONDS = 10
# What dies so often in a row is started again later each time, until it has lived for a while.
OFTEN = 4
# A little less often than a connection may.
TALK_SECONDS = 0.3


@pytest.fixture(scope="module")
def people(system):
    return [register(system, name) for name in ("host", "guest", "third")]


@pytest.fixture
def survivors(system, other_web, people):
    """Three people, of whom each has a server that they try first."""
    room = people[0].post("/room/create", {"name": "Survival", "type": "meeting"})["id"]
    servers = [(system.base_url, other_web), (other_web, system.base_url), (system.base_url, other_web)]
    return [Survivor(order, room, room_token(person, room)) for person, order in zip(people, servers, strict=True)]


async def eventually(is_so: Callable[[], object], what: str, seconds: float = BACK_SECONDS) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not is_so():
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(f"in vain for {seconds} s: {what}")


async def talk(survivor: Survivor, name: str) -> None:
    number = 0
    while True:
        # Nobody goes on talking into a dead line for long.
        if len(survivor.waiting) < 5:
            number += 1
            await survivor.say("chat-box", msg=f"{name} {number}")
        await asyncio.sleep(random.uniform(0.5, 1) * TALK_SECONDS)


@asynccontextmanager
async def talking(survivors):
    """All talk while the block lasts."""
    tasks = [asyncio.create_task(talk(survivor, str(n))) for n, survivor in enumerate(survivors)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def wait_until_all_are_heard(survivors, what: str) -> None:
    """Wait until whatever each says from now on is acknowledged."""
    refs = [await survivor.say("chat-box", msg=f"{what}, says {n}") for n, survivor in enumerate(survivors)]
    await eventually(
        lambda: all(ref in survivor.numbers for ref, survivor in zip(refs, survivors, strict=True)),
        f"all are heard {what}",
    )


def has_recovered(system, name: str) -> bool:
    return time.time() - psutil.Process(system.pid(name)).create_time() > STEADY_SECONDS + 1


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["web", "redis"])
async def test_people_come_back_and_nothing_acknowledged_is_lost_or_doubled(system, survivors, name):
    async with surviving(*survivors):
        await eventually(lambda: all(survivor.is_there for survivor in survivors), "all are in the room", 30)
        async with talking(survivors):
            await wait_until_all_are_heard(survivors, "at the beginning")
            for number in range(ROUNDS):
                killed = system.kill(name)
                await wait_until_all_are_heard(survivors, f"after the loss {number}")
                await asyncio.to_thread(system.wait_for_restart, name, killed)
                await asyncio.to_thread(system.wait_until_ready)
                if number % OFTEN == OFTEN - 1:
                    await eventually(lambda: has_recovered(system, name), "it is steady", 2 * STEADY_SECONDS)
        await eventually(lambda: not any(survivor.waiting for survivor in survivors), "all is acknowledged")
        last = max(survivor.seq for survivor in survivors)
        await eventually(lambda: all(survivor.seq >= last for survivor in survivors), "all have heard everything")

    first, *others = [survivor.kept for survivor in survivors]
    texts = [event["msg"] for event in first]
    assert [survivor.faults for survivor in survivors] == [[], [], []]
    assert others == [first, first]
    assert len({*texts}) == len(texts)
    assert {event["seq"] for event in first} == {
        number for survivor in survivors for number in survivor.numbers.values()
    }
    assert name == "redis" or [survivor.joins > 1 for survivor in survivors] == [True, False, True]
