"""Ways out to clients: what they have not read is bounded, and nobody waits for them."""

import asyncio

import pytest

from rooms.realtime.events import Batch, Event, Route
from rooms.realtime.outlets import MAX_BUFFERED, DirectOutlet, QueuedOutlet, TooSlow
from tests.rooms.realtime.conftest import eventually


class Wire:
    """A transport whose client reads when told to."""

    def __init__(self) -> None:
        self.unread = 0
        self.written = 0

    def write(self, frames: bytes) -> int:
        self.unread += len(frames)
        self.written += len(frames)
        return self.unread

    async def drained(self) -> None: ...


def batch(size: int) -> Batch:
    return Batch([Event(Route("said"), b"x" * size)])


async def test_client_that_does_not_read_is_cut():
    outlet = DirectOutlet(Wire())

    outlet.put(batch(MAX_BUFFERED))
    with pytest.raises(TooSlow):
        outlet.put(batch(1))
    await outlet.drained()


async def test_client_that_reads_may_get_whatever_it_likes():
    wire = Wire()
    outlet = DirectOutlet(wire)

    for _ in range(5):
        outlet.put(batch(MAX_BUFFERED))
        wire.unread = 0

    assert wire.written > 5 * MAX_BUFFERED


async def test_texts_are_sent_one_after_the_other():
    sent = []

    async def send(text: str) -> None:
        await asyncio.sleep(0)
        sent.append(text)

    outlet = QueuedOutlet(send)
    outlet.put(Batch([Event(Route("a"), b"1"), Event(Route("a"), b"2")]))
    outlet.put(Batch([Event(Route("a"), b"3")]))
    await outlet.drained()
    await outlet.close()

    assert sent == ["1", "2", "3"]


async def test_queue_is_bounded_too():
    reading = asyncio.Event()

    async def send(text: str) -> None:
        await reading.wait()

    outlet = QueuedOutlet(send)
    outlet.put(batch(MAX_BUFFERED + 1))
    with pytest.raises(TooSlow):
        outlet.put(batch(1))
    reading.set()
    await eventually(lambda: outlet._bytes == 0)
    outlet.put(batch(1))
    await outlet.close()
