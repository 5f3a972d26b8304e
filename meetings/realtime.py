"""What is said in rooms that is of their meetings: the chat, and who takes part in recording and transcription."""

from functools import partial
from typing import Annotated

import msgspec

from meetings.actions import answer_consent
from meetings.actions.chat import CHAT, Body, post_message, publish
from meetings.models import ChatMessage
from rooms.conversation.context import Context
from rooms.realtime.bus import Said
from rooms.realtime.protocol import EVERYBODY, Kind, Payload, Refusal

FileName = Annotated[str, msgspec.Meta(max_length=300)]


class ChatBox(Payload):
    """`file` is the `filename` of a file of the room; with `to` it is for one person alone."""

    msg: str = ""
    file: FileName = ""


class TakePart(Payload):
    take_part: bool


async def chat(context: Context, payload: ChatBox) -> None:
    if not payload.msg and not payload.file:
        raise Refusal("bad_payload", "Say something in `msg`.")
    if context.to:
        context.find(context.to)
    body = Body(payload.msg, payload.file)
    message: ChatMessage = await context.act(
        post_message, name=context.seat.name, body=body, time_ms=context.time_ms, to=context.to, ref=context.ref
    )
    if message.published_at is None:
        await context.insist(partial(publish, message=message))
    context.said = Said("", message.seq) if message.seq else None


async def consent(context: Context, payload: TakePart) -> None:
    await context.act(answer_consent, take_part=payload.take_part)


KINDS = (
    Kind(
        name=CHAT,
        payload=ChatBox,
        senders=EVERYBODY,
        to="room or one",
        is_kept=True,
        rate="chat",
        summary="Something said in the chat, stored encrypted with the meeting; files and private messages are of the "
        "professional plan.",
        handler=chat,
    ),
    Kind(
        name="consent",
        payload=TakePart,
        senders=EVERYBODY,
        to="server",
        summary="Whether somebody is in recordings, captions and transcripts of the meeting; the room sees it.",
        handler=consent,
    ),
)
