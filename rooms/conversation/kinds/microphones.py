"""Who may be heard: hosts mute, and let those who watch speak."""

from typing import Literal

import msgspec

from rooms.conversation.context import Context
from rooms.conversation.kinds.fields import Person
from rooms.conversation.kinds.showing import tell_unshared
from rooms.enums import RoomRole
from rooms.realtime.protocol import EVERYBODY, HOSTS, VIEWERS, Kind, Nothing, Payload

ASKED = "mic:"
# What is another in the seat of one whose microphone, camera or screen was switched off.
OFF: dict[str, dict[str, object]] = {"mic": {"mic": False}, "camera": {"camera": False}, "screen": {"sharing": ""}}


class MuteMic(Payload):
    mute: bool = True


class MuteParticipant(Payload):
    kind: Literal["mic", "camera", "screen"] = "mic"


class MuteAll(Payload):
    # `except` is a word of Python's.
    spared: list[Person] = msgspec.field(name="except", default_factory=list)


async def request_mic(context: Context, payload: Nothing) -> None:
    """Put a viewer into the queue, which hosts who come later see too."""
    asking = {"id": context.seat.person, "username": context.seat.name, "timeMs": context.time_ms}
    await context.pass_on(payload, roles=HOSTS, writes=(context.written_state(ASKED + context.seat.person, asking),))


async def accept_mic(context: Context, payload: Nothing) -> None:
    await context.appoint(context.addressee, RoomRole.PRESENTER)
    await context.pass_on(payload, writes=(context.written_state(ASKED + context.to, None),))


async def reject_mic(context: Context, payload: Nothing) -> None:
    await context.pass_on(payload, writes=(context.written_state(ASKED + context.to, None),))


async def acknowledge_mic(context: Context, payload: Nothing) -> None:
    await context.pass_on(payload, roles=HOSTS)


async def mute_mic(context: Context, payload: MuteMic) -> None:
    """Mute somebody at once; to be heard again is for them to decide, so they are only asked."""
    whom = context.addressee.person
    if payload.mute:
        await context.update(context.seats_of(whom), mic=False)
    await context.pass_on(payload)


async def mute_participant(context: Context, payload: MuteParticipant) -> None:
    whom = context.addressee
    await context.update(context.seats_of(whom.person), **OFF[payload.kind])
    await context.pass_on(payload)
    if payload.kind == "screen" and whom.sharing:
        await tell_unshared(context, whom)


async def mute_all(context: Context, payload: MuteAll) -> None:
    spared = {*payload.spared, context.seat.person}
    await context.update([seat for seat in context.room.seats.values() if seat.person not in spared], mic=False)
    await context.pass_on(payload)


KINDS = (
    Kind(
        name="request-mic",
        payload=Nothing,
        senders=VIEWERS,
        to="hosts",
        summary="A viewer asks to be heard.",
        handler=request_mic,
    ),
    Kind(
        name="request-mic-accepted",
        payload=Nothing,
        senders=HOSTS,
        to="that viewer",
        summary="The viewer is a presenter from now on.",
        handler=accept_mic,
    ),
    Kind(
        name="request-mic-rejected",
        payload=Nothing,
        senders=HOSTS,
        to="that viewer",
        summary="The viewer is not to be heard now.",
        handler=reject_mic,
    ),
    Kind(
        name="mic-accepted-ack",
        payload=Nothing,
        senders=EVERYBODY,
        to="hosts",
        summary="Who was a viewer is publishing.",
        handler=acknowledge_mic,
    ),
    Kind(
        name="mute-mic-request",
        payload=MuteMic,
        senders=HOSTS,
        to="that one",
        summary="`mute: true` acts at once; `false` asks the person, who decides.",
        handler=mute_mic,
    ),
    Kind(
        name="mute-participant",
        payload=MuteParticipant,
        senders=HOSTS,
        to="that one",
        summary="Switches a microphone, camera or shared screen off at once; never one on.",
        handler=mute_participant,
    ),
    Kind(
        name="mute-all-participants",
        payload=MuteAll,
        senders=HOSTS,
        to="room",
        summary="Switches all microphones off, but for the sender's and those in `except`.",
        handler=mute_all,
    ),
)
