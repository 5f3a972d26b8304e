"""Showing a whiteboard to one member, as it stands: its newest stage, and what was drawn after it."""

import time
from collections.abc import Callable

from config.lib.ids import new_id
from rooms.realtime import protocol
from rooms.realtime.bus import Bus
from rooms.realtime.events import Batch, Event, Route, unpacked
from rooms.realtime.member import Member

STAGE = "white-board-stage"

Opened = Callable[[str, bytes], Event | None]


async def show(bus: Bus, opened: Opened, room_id: str, member: Member) -> None:
    """Show it to somebody who is in the room already.

    Raises:
        TooSlow.
    """
    async with member.telling:
        member.hold()
        member.go_live(drawn=await tell(bus, opened, room_id, member))


async def tell(
    bus: Bus, opened: Opened, room_id: str, member: Member, *, known: str = "", is_asked: bool = True
) -> frozenset[str]:
    """Send it as fast as it is read to a member for whom all that is new waits; give the ids of what was told.

    The stage is left out where it is the `known` one, and a board that nobody used unless it `is_asked` for. Where a
    newer stage waits already, nothing is told: it says all.

    Raises:
        TooSlow.
    """
    is_used, sealed, messages = await bus.board(room_id)
    stage = (opened(room_id, sealed) if sealed else None) or _blank(room_id)
    if not (is_used or is_asked) or member.waits_for(stage.route.id):
        return frozenset()
    drawn = [event for message in messages for event in unpacked(b"::" + message)[1]]
    for event in [*([] if stage.route.id == known else [stage]), *drawn]:
        member.outlet.put(Batch([event]))
        await member.outlet.drained()
    return frozenset(event.route.id for event in drawn)


def _blank(room_id: str) -> Event:
    """Make the stage of a board that has none."""
    msg = {"stage": None, "socketId": "", "room_id": room_id}
    return Event(Route(STAGE, new_id()), protocol.envelope(STAGE, {}, int(time.time() * 1000), {"msg": msg}))
