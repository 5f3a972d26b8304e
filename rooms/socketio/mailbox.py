"""What is on its way to one Socket.IO client: in a bounded queue, or nowhere once its transport is lent."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from engineio.packet import MESSAGE, NOOP, Packet

from rooms.realtime.events import Batch, Form
from rooms.realtime.frames import text_frame
from rooms.realtime.outlets import MAX_BUFFERED, TooSlow, Wire
from rooms.realtime.protocol import Close
from rooms.socketio.packets import Ready


class LentWire(Wire, Protocol):
    """What a server lends: see `config.serve.sockets`."""

    def close(self, code: int) -> None:
        """Say that it ends, after what was written."""

    def abort(self) -> None:
        """Hang up without another word."""


class Mailbox(asyncio.Queue[Any]):
    """The queue of python-engineio, which answers polls from it; after a None nothing comes."""

    def __init__(self) -> None:
        super().__init__()
        # Ends the WebSocket to which a task writes what waits, where there is one.
        self.cut: Callable[[], object] | None = None
        self._bytes = 0

    def put_nowait(self, item: Any) -> None:
        """Raises: TooSlow."""
        if _is_message(item) and self._bytes > MAX_BUFFERED:
            raise TooSlow
        super().put_nowait(item)

    def put_batch(self, batch: Batch, form: Form) -> None:
        """Raises: TooSlow."""
        for text in batch.texts(form):
            self.put_nowait(Ready(text))

    async def drained(self) -> None:
        await self.join()

    def clear(self) -> list[Any]:
        """Take out all that waits."""
        rest = []
        while not self.empty():
            rest.append(self.get_nowait())
            self.task_done()
        return rest

    def give_up(self) -> None:
        """Let go of what waits for a client that does not read it."""
        self.clear()
        if self.cut is not None:
            self.cut()

    def finish(self) -> None:
        """Have the session end when what waits is read."""
        if self.empty():
            # A poll that waits gets an answer.
            self.put_nowait(Packet(NOOP))
        self.put_nowait(None)

    def _put(self, item: Any) -> None:
        self._bytes += _size(item)
        super()._put(item)

    def _get(self) -> Any:
        item = super()._get()
        self._bytes -= _size(item)
        return item


class Direct:
    """What stands in place of that queue where the server lends its transport: all is written at once."""

    __slots__ = ("_wire",)

    def __init__(self, wire: LentWire) -> None:
        self._wire = wire

    def put_nowait(self, item: Any) -> None:
        """Raises: TooSlow."""
        frame = text_frame(item.encode().encode())
        if _is_message(item):
            self._write(frame)
        else:
            self._wire.write(frame)

    async def put(self, item: Any) -> None:
        """Do the same, as python-engineio asks for it."""
        self.put_nowait(item)

    def put_batch(self, batch: Batch, form: Form) -> None:
        """Raises: TooSlow."""
        self._write(batch.frames(form))

    async def drained(self) -> None:
        await self._wire.drained()

    def give_up(self) -> None:
        self._wire.abort()

    def finish(self) -> None:
        self._wire.close(Close.NORMAL)

    def _write(self, frames: bytes) -> None:
        # What was unread before: one event may be as large as the limit by itself.
        if self._wire.write(frames) - len(frames) > MAX_BUFFERED:
            raise TooSlow


def _is_message(item: Any) -> bool:
    return item is not None and item.packet_type == MESSAGE


def _size(item: Any) -> int:
    if isinstance(item, Ready):
        return item.size
    return len(item.data) if item is not None and isinstance(item.data, str | bytes) else 0
