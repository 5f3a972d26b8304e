"""What is said in rooms that is of their recordings."""

from msgspec import UNSET, UnsetType

from rooms.conversation.context import Context
from rooms.conversation.kinds.fields import Label
from rooms.realtime.protocol import HOSTS, Kind, Payload

# Under this name the room knows it, and tells it to whoever comes.
RECORDING = "recording"


class Recorded(Payload):
    """`recordingId` is the one that REST and the recording socket know."""

    on: bool
    recordingId: Label | UnsetType = UNSET


async def record(context: Context, payload: Recorded) -> None:
    await context.pass_on(payload, writes=(context.written_state(RECORDING, payload if payload.on else None),))


KINDS = (
    Kind(
        name=RECORDING,
        payload=Recorded,
        senders=HOSTS,
        to="room",
        summary="The room is recorded from now on, or not any more; whoever comes later is told so too.",
        handler=record,
    ),
)
