"""What waits for one Socket.IO client: in a bounded queue while it polls, nowhere once its transport is lent."""

import asyncio
from typing import Any

from engineio.packet import MESSAGE

from rooms.realtime.events import Batch, Form
from rooms.realtime.frames import text_frame
from rooms.realtime.outlets import MAX_BUFFERED, TooSlow, Wire
from rooms.socketio.packets import Ready


class LentWire(Wire):
    """What a server lends: see `config.serve.sockets`."""

    def abort(self) -> None:
        """Hang up without another word."""


class Mailbox(asyncio.Queue[Any]):
    """The queue of python-engineio for one client.

    Messages go past it, in the order of calls, when there is a wire; pings and closing stay python-engineio's to write,
    which it does through `engine.Channel` to the same wire.
    """

    def __init__(self) -> None:
        super().__init__()
        self.wire: LentWire | None = None
        self._bytes = 0

    def attach(self, wire: LentWire) -> None:
        """Write what waited, and from now on every message, to a wire."""
        if self.wire is None:
            self.wire = wire
            while not self.empty() and self._queue[0] is not None:  # type: ignore[attr-defined]
                wire.write(text_frame(self.get_nowait().encode().encode()))
                self.task_done()

    def put_nowait(self, item: Any) -> None:
        """Raises: TooSlow."""
        if item is None or item.packet_type != MESSAGE:
            super().put_nowait(item)
        elif self.wire is not None:
            self._write(text_frame(item.encode().encode()))
        elif self._bytes > MAX_BUFFERED:
            raise TooSlow
        else:
            super().put_nowait(item)

    def put_batch(self, batch: Batch, form: Form) -> None:
        """Raises: TooSlow."""
        if self.wire is not None:
            self._write(batch.frames(form))
        else:
            for text in batch.texts(form):
                self.put_nowait(Ready(text))

    async def drained(self) -> None:
        if self.wire is not None:
            await self.wire.drained()
        else:
            await self.join()

    def clear(self) -> None:
        """Let go of all that waits."""
        while not self.empty():
            self.get_nowait()
            self.task_done()

    def _write(self, frames: bytes) -> None:
        # What was unread before: one event may be as large as the limit by itself.
        if self.wire is not None and self.wire.write(frames) - len(frames) > MAX_BUFFERED:
            raise TooSlow

    def _put(self, item: Any) -> None:
        self._bytes += _size(item)
        super()._put(item)

    def _get(self) -> Any:
        item = super()._get()
        self._bytes -= _size(item)
        return item


class MailOutlet:
    """The way out to a client, in the form that it used last; nothing goes there when it `is_over`."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.form = Form.NAMED
        self.is_over = False
        self._mailbox = mailbox

    def put(self, batch: Batch) -> None:
        if not self.is_over:
            self._mailbox.put_batch(batch, self.form)

    async def drained(self) -> None:
        await self._mailbox.drained()


def _size(item: Any) -> int:
    if isinstance(item, Ready):
        return item.size
    return len(item.data) if item is not None and isinstance(item.data, str | bytes) else 0
