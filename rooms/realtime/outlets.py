"""The ways out to one client: straight to the transport where the server lends it, else through what sends."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from rooms.realtime.events import Batch, Form

# Who has not read so many bytes is cut off, never waited for.
MAX_BUFFERED = 1 << 20


class TooSlow(Exception):
    """The client does not read what it gets."""


class Wire(Protocol):
    """What a server lends: see `config.serve.sockets`."""

    def write(self, frames: bytes) -> int:
        """Write whole frames; say how many bytes the client has still to read."""

    async def drained(self) -> None:
        """Wait until the client has read most of it."""


class Outlet(Protocol):
    form: Form

    def put(self, batch: Batch) -> None:
        """Send without waiting.

        Raises:
            TooSlow.
        """

    async def drained(self) -> None:
        """Wait until most of what was put is on its way."""


class DirectOutlet:
    """Writes ready frames to the transport of the server."""

    __slots__ = ("_wire", "form")

    def __init__(self, wire: Wire, form: Form = Form.PLAIN) -> None:
        self._wire = wire
        self.form = form

    def put(self, batch: Batch) -> None:
        frames = batch.frames(self.form)
        # What was unread before: one event may be as large as the limit by itself.
        if self._wire.write(frames) - len(frames) > MAX_BUFFERED:
            raise TooSlow

    async def drained(self) -> None:
        await self._wire.drained()


class QueuedOutlet:
    """Hands texts to a coroutine one after the other, for servers that lend nothing and for polling clients."""

    def __init__(self, send: Callable[[str], Awaitable[None]], form: Form = Form.PLAIN) -> None:
        self.form = form
        self._send = send
        self._queue: asyncio.Queue[bytes] = asyncio.Queue()
        self._bytes = 0
        self._task = asyncio.create_task(self._run())

    def put(self, batch: Batch) -> None:
        if self._bytes > MAX_BUFFERED:
            raise TooSlow
        for text in batch.texts(self.form):
            self._bytes += len(text)
            self._queue.put_nowait(text)

    async def drained(self) -> None:
        await self._queue.join()

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            text = await self._queue.get()
            try:
                await self._send(text.decode())
            finally:
                self._bytes -= len(text)
                self._queue.task_done()
