"""What peers tell each other to find a way for their media, and what they draw over a shared screen."""

from typing import Any

from msgspec import UNSET, UnsetType

from rooms.conversation.context import Context
from rooms.conversation.kinds.fields import Label
from rooms.realtime.protocol import PUBLISHERS, Kind, Payload, Refusal


class Signal(Payload):
    """Either a session description or an ICE candidate, as `RTCPeerConnection` gives them."""

    description: dict[str, Any] | UnsetType = UNSET
    candidate: dict[str, Any] | UnsetType = UNSET


class Annotation(Payload):
    streamId: Label = ""
    shape: Any = None


async def signal(context: Context, payload: Signal) -> None:
    if not context.to:
        raise Refusal("bad_payload", "Say in `to` for whom it is.")
    await context.pass_on(payload)


async def annotate(context: Context, payload: Annotation) -> None:
    await context.pass_on(payload)


KINDS = (
    Kind(
        name="signal",
        payload=Signal,
        senders=PUBLISHERS,
        to="one",
        rate="signal",
        is_open=True,
        summary="An offer, an answer or a candidate for a connection between two.",
        handler=signal,
    ),
    Kind(
        name="annotation",
        payload=Annotation,
        senders=PUBLISHERS,
        to="room or one",
        rate="drawing",
        is_open=True,
        summary="Something drawn over a shared screen.",
        handler=annotate,
    ),
)
