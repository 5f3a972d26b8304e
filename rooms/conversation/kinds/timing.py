"""What time it is on the server, so that tracks of several people share a clock."""

import time

from rooms.conversation.context import Context
from rooms.realtime import protocol
from rooms.realtime.protocol import EVERYBODY, Kind, Payload

CLOCK = "clock"


class Clock(Payload):
    """`t0` is the client's own time, given back with `t1` and `t2`, when the server got it and when it answered:
    milliseconds of the epoch."""

    t0: float


async def tell_time(context: Context, payload: Clock) -> None:
    answer = {"type": CLOCK, "t0": payload.t0, "t1": context.time_ms, "t2": int(time.time() * 1000)}
    context.connection.tell(CLOCK, protocol.encode(answer))


KINDS = (
    Kind(
        name=CLOCK,
        payload=Clock,
        senders=EVERYBODY,
        to="server",
        summary="Asks what time it is on the server; answered by `clock` with `t0`, `t1` and `t2`.",
        handler=tell_time,
    ),
)
