"""The whiteboard: who keeps its picture, what is drawn on it, and taken back."""

import asyncio
import time
from typing import Annotated, Any, Literal
from weakref import WeakKeyDictionary

import msgspec
from msgspec import UNSET, UnsetType

from config.lib.ids import new_id
from rooms.conversation.context import Context
from rooms.conversation.kinds.fields import Person
from rooms.realtime import protocol
from rooms.realtime.boards import STAGE
from rooms.realtime.bus import Said
from rooms.realtime.drawing import Change
from rooms.realtime.protocol import EVERYBODY, HOSTS, MAX_STAGE, PUBLISHERS, Kind, Nothing, Payload, Refusal
from rooms.realtime.room import LiveRoom
from rooms.realtime.saying import Saying
from rooms.tokens import RoomClaims

FEATURE = "whiteboard"
REQUEST = "whiteBoardStateRequest"
# The name under which the room knows it.
BOARD = "whiteboard"
# Which stage came last: to everybody, or with their id after it to somebody.
NEWEST = "board:stage"
# The owner has so long to answer before the server does.
ANSWER_SECONDS = 1.0

NOT_BESIDE = protocol.FILLED | {"msg", "to"}

StrokeId = Annotated[str, msgspec.Meta(pattern=r"^[\w.:-]{1,64}$")]

# Rooms whose owner was asked since something was undone: whether more was undone since.
_undone: WeakKeyDictionary[LiveRoom, bool] = WeakKeyDictionary()
# Rooms whose owner was asked since much is drawn: after which stage that was.
_full: WeakKeyDictionary[LiveRoom, str] = WeakKeyDictionary()


class Toggle(Payload):
    """`owner` keeps the picture: the sender, if nobody is named."""

    on: bool
    owner: Person | UnsetType = UNSET
    onlyHostsClear: bool | UnsetType = UNSET


class Staged(msgspec.Struct):
    stage: Any


class Stage(Payload):
    msg: Staged


class Drawn(msgspec.Struct):
    drawingType: Literal["mousedown", "mousemove", "mouseup", "cursor"]
    payload: Any = UNSET
    strokeId: StrokeId | UnsetType = UNSET


class Drawing(Payload):
    msg: Drawn


class Undone(msgspec.Struct):
    strokeId: StrokeId | UnsetType = UNSET


class Undo(Payload):
    msg: Undone = msgspec.field(default_factory=Undone)


async def toggle(context: Context, payload: Toggle) -> None:
    before = context.state(BOARD) or {}
    if payload.owner is UNSET:
        payload.owner = context.seat.person if payload.on else before.get("owner") or UNSET
    else:
        context.find(payload.owner)
    told = {**before, **msgspec.to_builtins(payload)}
    await context.pass_on(payload, writes=(context.written_state(BOARD, told),))


async def request_state(context: Context, payload: Nothing) -> None:
    """Have the owner answer; the server does where they do not, or are not there."""
    seen = _newest(context)
    is_asked = _owner(context) != context.seat.person and _ask_owner(context)
    context.connection.hub.soon(_answer(context, seen, ANSWER_SECONDS if is_asked else 0))


async def send_stage(context: Context, payload: Stage) -> None:
    """Take the whole picture; what is for one person alone has no number."""
    owner = _owner(context)
    if (context.seat.person != owner) if owner else (context.seat.role not in HOSTS):
        raise Refusal("not_allowed", "Only who owns the whiteboard sends its stage.")
    if context.to:
        context.find(context.to)
    await context.say(
        context.kind.name,
        _filled(context),
        is_kept=not context.to,
        to=(context.to,) if context.to else (),
        writes=(context.written_state(f"{NEWEST}:{context.to}" if context.to else NEWEST, new_id()),),
        change=Change(act="stage"),
    )


async def draw(context: Context, payload: Drawing) -> None:
    """Pass on a piece of a stroke; where a mouse merely is, nobody needs to know later."""
    drawn = payload.msg
    if drawn.drawingType == "cursor":
        await context.say(context.kind.name, _filled(context))
        return
    stroke, is_last = _stroke(context, drawn), drawn.drawingType == "mouseup"
    change = Change(act="draw", person=context.seat.person, stroke=stroke, is_last=is_last)
    waiting = await context.say(context.kind.name, _filled(context, strokeId=stroke), change=change)
    # Only the beginning is waited for: what goes on with a stroke of somebody else's is dropped in silence.
    if drawn.drawingType == "mousedown" or context.ref:
        said = await waiting
        _check(said)
        if said.outcome == "full":
            _ask_once(context)


async def undo(context: Context, payload: Undo) -> None:
    """Take a stroke back. Clients that know no strokes drop the last of all: a stage follows, which sets them right."""
    stroke = "" if payload.msg.strokeId is UNSET else payload.msg.strokeId
    change = Change(act="undo", person=context.seat.person, stroke=stroke)
    # Redis finds out which one it is, and writes it at the end of `msg`.
    _check(await (await context.say(context.kind.name, _filled(context), change=change)))
    is_awaited = context.room in _undone
    _undone[context.room] = True
    if not is_awaited:
        context.connection.hub.soon(_refresh(context, context.room))


async def clear(context: Context, payload: Nothing) -> None:
    if (context.state(BOARD) or {}).get("onlyHostsClear") and context.seat.role not in HOSTS:
        raise Refusal("not_allowed", "The hosts keep it to themselves to clear the whiteboard.")
    await (await context.say(context.kind.name, {}, change=Change(act="clear")))


def _stroke(context: Context, drawn: Drawn) -> str:
    """Say to which stroke it belongs: from mousedown to mouseup it is one."""
    connection = context.connection
    if drawn.strokeId is not UNSET:
        connection.stroke = drawn.strokeId
    elif drawn.drawingType == "mousedown" or not connection.stroke:
        connection.stroke = new_id()
    stroke = connection.stroke
    if drawn.drawingType == "mouseup":
        connection.stroke = ""
    return stroke


def _filled(context: Context, **filled: str) -> dict[str, Any]:
    """Give the event with all that its client wrote, but for what the server fills in."""
    beside = {name: value for name, value in context.fields.items() if name not in NOT_BESIDE}
    written = {name: value for name, value in context.fields.get("msg", {}).items() if name != "strokeId"}
    # `msg` comes last, and is not empty: see `undo`.
    return {**beside, "msg": {**written, "socketId": context.connection.id, "room_id": context.room.id, **filled}}


def _check(said: Said) -> None:
    """Raises: Refusal."""
    if said.outcome == "not_theirs":
        raise Refusal("not_allowed", "That is no stroke of yours.")


def asked_of(room: LiveRoom, claims: RoomClaims) -> bytes | None:
    """Give what asks somebody for the stage of a whiteboard that Redis has forgotten, where they are its owner."""
    board = msgspec.json.decode(room.state.get(BOARD, "{}"))
    return _request(claims) if board.get("owner") == claims.person else None


def _request(claims: RoomClaims) -> bytes:
    who = {"id": claims.person, "username": claims.name}
    return protocol.envelope(REQUEST, who, int(time.time() * 1000), {})


def _owner(context: Context) -> str:
    return (context.state(BOARD) or {}).get("owner") or ""


def _newest(context: Context) -> str:
    """Name the stage that came last, to everybody or to who asks."""
    states = context.room.state
    return states.get(NEWEST, "") + states.get(f"{NEWEST}:{context.connection.claims.person}", "")


def _ask_owner(context: Context) -> bool:
    """Have the owner send a stage; False where they are not here."""
    owner = context.room.people().get(_owner(context))
    if owner is None:
        return False
    asked = _request(context.connection.claims)
    context.connection.hub.say(context.room.id, Saying(type=REQUEST, body=asked, to=(owner.person,)))
    return True


def _ask_once(context: Context) -> None:
    """Ask for a stage while there is still room in the log of strokes."""
    newest = _newest(context) or "none"
    if _full.get(context.room) != newest and _ask_owner(context):
        _full[context.room] = newest


async def _answer(context: Context, seen: str, seconds: float) -> None:
    await asyncio.sleep(seconds)
    if _newest(context) == seen:
        await context.connection.show_board()


async def _refresh(context: Context, room: LiveRoom) -> None:
    """Have a stage follow what was undone: the owner's, or else the one that the server has."""
    while _undone[room]:
        _undone[room] = False
        seen = _newest(context)
        _ask_owner(context)
        await asyncio.sleep(ANSWER_SECONDS)
        if _newest(context) == seen:
            context.connection.hub.say(room.id, Saying(type="", body=b"{}", orders=(("board", "", ""),)))
    del _undone[room]


KINDS = (
    Kind(
        name="whiteBoardToggle",
        payload=Toggle,
        senders=HOSTS,
        to="room",
        feature=FEATURE,
        summary="The whiteboard is shown, or not any more; `owner` keeps its picture, who toggles if nobody is named.",
        handler=toggle,
    ),
    Kind(
        name=REQUEST,
        payload=Nothing,
        senders=EVERYBODY,
        to="owner",
        feature=FEATURE,
        summary="Asks for `white-board-stage`; the server answers where the owner does not within a second.",
        handler=request_state,
    ),
    Kind(
        name=STAGE,
        payload=Stage,
        senders=PUBLISHERS,
        to="room or one",
        is_kept=True,
        is_open=True,
        feature=FEATURE,
        max_bytes=MAX_STAGE,
        summary="The whole picture, from the owner (or the server): it is kept, and after it what is drawn. To one "
        "person it has no number. `stage` is null where nothing is known but what follows.",
        handler=send_stage,
    ),
    Kind(
        name="sendDrawingData",
        payload=Drawing,
        senders=PUBLISHERS,
        to="room",
        gathers=True,
        is_open=True,
        rate="drawing",
        feature=FEATURE,
        summary="A piece of a stroke, which is one person's from mousedown to mouseup; the server adds `strokeId`.",
        handler=draw,
    ),
    Kind(
        name="Un-do",
        payload=Undo,
        senders=PUBLISHERS,
        to="room",
        is_open=True,
        feature=FEATURE,
        summary="Takes back the sender's newest stroke, or the one named; the server adds `strokeId`. A stage follows.",
        handler=undo,
    ),
    Kind(
        name="clear-whiteBoard",
        payload=Nothing,
        senders=PUBLISHERS,
        to="room",
        feature=FEATURE,
        summary="Wipes the whiteboard; hosts may keep that to themselves by `onlyHostsClear` of `whiteBoardToggle`.",
        handler=clear,
    ),
)
