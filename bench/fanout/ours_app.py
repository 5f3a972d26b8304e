"""Ours as it is measured: the product, but nobody speaks too often, and without a bus if BUS says so."""

import asyncio
import os
from collections.abc import Iterable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from config.asgi import application
from rooms.realtime import hub, protocol
from rooms.realtime.bus import Bus, Said, Write

__all__ = ["application"]

# A few senders reach thousands of events a second.
OFTEN = 10_000


class ShortBus(Bus):
    """Has what is neither kept nor changes anything heard in this process at once."""

    def say(
        self,
        room_id: str,
        message: bytes,
        *,
        stored: bytes = b"",
        ref: str = "",
        people: Iterable[str] = (),
        writes: Iterable[Write] = (),
    ) -> "asyncio.Future[Said]":
        if stored or ref or writes:
            return super().say(room_id, message, stored=stored, ref=ref, people=people, writes=writes)
        self._heard(room_id, b"::" + message)
        said: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        said.set_result(Said("", 0))
        return said


protocol.RATES.update({rate: each * OFTEN for rate, each in protocol.RATES.items()})
if os.environ.get("BUS") == "none":
    hub.Bus = ShortBus  # type: ignore[attr-defined]
