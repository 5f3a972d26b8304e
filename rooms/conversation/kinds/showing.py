"""What people show of themselves: a hand, a sign of feeling, whether camera, microphone and screen are on."""

from typing import Literal

from msgspec import UNSET, UnsetType

from rooms.conversation.context import Context
from rooms.conversation.kinds.fields import Emoji, Label
from rooms.realtime.protocol import EVERYBODY, PUBLISHERS, Kind, Payload, Refusal

SHARING = "sharing"


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
    taken = context.state(SHARING)
    if taken and taken["id"] != context.seat.person and taken["id"] in context.room.people():
        raise Refusal("not_allowed", "Somebody else shares a screen: wait until they stop.")
    told = {"id": context.seat.person, "streamId": payload.streamId} if payload.on else None
    shared = payload.streamId or "screen" if payload.on else ""
    await context.pass_on(payload, changes={"sharing": shared}, writes=(context.written_state(SHARING, told),))


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
        name="sharing-toggle",
        payload=SharingToggle,
        senders=PUBLISHERS,
        to="room",
        summary="A screen is shared, or not any more; one at a time.",
        handler=toggle_sharing,
    ),
)
