"""What people show of themselves: a hand, a sign of feeling, whether camera, microphone and screen are on."""

from typing import Literal

from msgspec import UNSET, UnsetType

from rooms.conversation.context import Context
from rooms.conversation.kinds.fields import Emoji, Label
from rooms.realtime.protocol import EVERYBODY, PUBLISHERS, Kind, Payload, Refusal
from rooms.realtime.room import LiveRoom
from rooms.realtime.seats import Seat

SHARING = "sharing-toggle"
# In the seat of who shares a stream that has no name.
NAMELESS = "screen"


class Reaction(Payload):
    emoji: Emoji


class RaiseHand(Payload):
    on: bool = True


class VideoOff(Payload):
    """`on` says whether the camera is on by now; by itself the event says that it is not."""

    on: bool = False
    resubscribe: bool | UnsetType = UNSET


class DeviceSwitch(Payload):
    """`on` says whether the device is in use by now, where that changes."""

    kind: Literal["mic", "camera", "speaker", "screen"]
    label: Label | UnsetType = UNSET
    on: bool | UnsetType = UNSET
    resubscribe: bool | UnsetType = UNSET


class SharingToggle(Payload):
    on: bool
    streamId: Label = ""


async def react(context: Context, payload: Reaction) -> None:
    await context.pass_on(payload)


async def raise_hand(context: Context, payload: RaiseHand) -> None:
    await context.pass_on(payload, changes={"hand": payload.on})


async def video_off(context: Context, payload: VideoOff) -> None:
    await context.pass_on(payload, changes={"camera": payload.on})


async def switch_device(context: Context, payload: DeviceSwitch) -> None:
    is_shown = payload.kind in ("mic", "camera") and payload.on is not UNSET
    await context.pass_on(payload, changes={payload.kind: payload.on} if is_shown else None)


async def toggle_sharing(context: Context, payload: SharingToggle) -> None:
    """Let one person at a time share a screen."""
    taken = sharing_in(context.room)
    if taken is not None and taken.person != context.seat.person:
        raise Refusal("not_allowed", "Somebody else shares a screen: wait until they stop.")
    await context.pass_on(payload, changes={"sharing": payload.streamId or NAMELESS if payload.on else ""})


def sharing_in(room: LiveRoom) -> Seat | None:
    """Give the seat of the one who shares a screen."""
    return next((seat for seat in room.people().values() if seat.sharing), None)


def stream_of(seat: Seat) -> str:
    """Give the name of the stream by which a screen is shared."""
    return "" if seat.sharing == NAMELESS else seat.sharing


async def tell_unshared(context: Context, seat: Seat) -> None:
    """Tell the room that the screen of somebody is shared no more, as if they had said it."""
    await context.say(SHARING, SharingToggle(on=False, streamId=stream_of(seat)), by=seat)


KINDS = (
    Kind(
        name="reaction",
        payload=Reaction,
        senders=EVERYBODY,
        to="room",
        feature="enhanced_chat",
        summary="A short sign of feeling.",
        handler=react,
    ),
    Kind(
        name="raise-hand",
        payload=RaiseHand,
        senders=EVERYBODY,
        to="room",
        summary="Somebody wants to say something, or does not any more.",
        handler=raise_hand,
    ),
    Kind(
        name="video-off",
        payload=VideoOff,
        senders=PUBLISHERS,
        to="room",
        summary="A camera was switched off, or on again; peers attach the stream anew on `resubscribe`.",
        handler=video_off,
    ),
    Kind(
        name="device-switch",
        payload=DeviceSwitch,
        senders=PUBLISHERS,
        to="room",
        summary="Another device is in use, or one was switched; peers attach the stream anew on `resubscribe`.",
        handler=switch_device,
    ),
    Kind(
        name=SHARING,
        payload=SharingToggle,
        senders=PUBLISHERS,
        to="room",
        summary="A screen is shared, or not any more; one at a time.",
        handler=toggle_sharing,
    ),
)
