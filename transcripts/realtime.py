"""What is said in rooms that is of their transcripts: captions, and whether there are any."""

from functools import partial
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from config.lib.fields import MAX_INTEGER
from rooms.conversation.context import Context
from rooms.realtime.bus import Said
from rooms.realtime.protocol import HOSTS, PUBLISHERS, Kind, Payload, Refusal
from transcripts.actions.live import CAPTION, SpokenLine, check_live, say_line, tell

# Under this name the room knows it, and tells it to whoever comes.
TRANSCRIPT = "transcript"
NAME_LENGTH = 128

Language = Annotated[str, msgspec.Meta(max_length=35)]
LineId = Annotated[str, msgspec.Meta(min_length=1, max_length=NAME_LENGTH)]
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=MAX_INTEGER)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=10_000)]


class StartTranscript(Payload):
    """`language` is that of the speech, as BCP 47 has it."""

    on: bool = True
    language: Language = ""


class Transcript(Payload):
    """Times are on the meeting's clock. `lineId` is the speaker's own name for the line; of a final it becomes that of
    the stored line, and `replaces` names the partial that it follows."""

    msg: Text
    final: bool = True
    startMs: Milliseconds | UnsetType = UNSET
    endMs: Milliseconds | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    lineId: LineId | UnsetType = UNSET
    replaces: LineId | UnsetType = UNSET


async def start_transcript(context: Context, payload: StartTranscript) -> None:
    """Switch live transcription on or off; what its meeting does not want is not switched on."""
    if payload.on:
        await context.act(check_live)
    told = {"on": payload.on, "language": payload.language or None}
    await context.pass_on(payload, writes=(context.written_state(TRANSCRIPT, told),))


async def transcript(context: Context, payload: Transcript) -> None:
    """Show a caption; a final is stored first, then told."""
    if not context.seat.consent:
        raise Refusal("not_allowed", "You chose to stay out of recording and transcription in this meeting.")
    if (context.state(TRANSCRIPT) or {}).get("on") is False:
        raise Refusal("not_allowed", "Live transcription is off: a host switches it on.")
    if payload.final:
        await _keep(context, payload)
    else:
        await context.say(CAPTION, payload)


async def _keep(context: Context, payload: Transcript) -> None:
    """Store a final, and be sure that the room is told."""
    if not payload.msg.strip():
        raise Refusal("bad_payload", "A line has no words.")
    own = payload.lineId or ""
    line = SpokenLine(
        text=payload.msg,
        start_ms=_or_none(payload.startMs),
        end_ms=_or_none(payload.endMs),
        language=payload.language or "",
        client_id=own or context.ref,
        replaces=payload.replaces or own,
    )
    caption = await context.act(say_line, line=line, name=context.seat.name, time_ms=context.time_ms)
    if caption.seq is None:
        await context.insist(partial(tell, caption=caption))
    context.said = Said("", caption.seq or 0)


def _or_none(given: int | UnsetType) -> int | None:
    return None if given is UNSET else given


KINDS = (
    Kind(
        name="start-transcript",
        payload=StartTranscript,
        senders=HOSTS,
        to="room",
        is_kept=True,
        feature="transcripts",
        summary="Live transcription is on from now on, or off; it stays off in meetings without transcripts.",
        handler=start_transcript,
    ),
    Kind(
        name=CAPTION,
        payload=Transcript,
        senders=PUBLISHERS,
        to="room",
        # Of finals; see the summary.
        is_kept=True,
        gathers=True,
        feature="captions",
        summary="A caption. Finals are stored as lines of the transcript, and kept; others are neither. Who stays out "
        "of transcripts sends none.",
        handler=transcript,
    ),
)
