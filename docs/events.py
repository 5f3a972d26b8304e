"""Write the page of what is said in rooms, from the table of all types of events."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import inspect

from accounts.notices import Notice
from rooms.me import Act
from rooms.realtime.protocol import (
    EVERYBODY,
    HOSTS,
    MAX_FRAME,
    PUBLISHERS,
    RATES,
    SERVER,
    VIEWERS,
    Close,
    ErrorCode,
    Kind,
)

WHO = {
    EVERYBODY: "everybody",
    PUBLISHERS: "who may publish",
    HOSTS: "hosts",
    VIEWERS: "viewers",
    SERVER: "the server",
}

INTRODUCTION = """\
# Events of a room

Written by `make docs` from the tables of the code, which `config/realtime.py` joins; a test compares. One WebSocket,
`/ws/room/{{roomId}}`, carries them: the sub-protocols are `meet.v1` and `bearer.<room token>`, and a text frame is one
JSON object with a `type`. The first that a client says is `room.join`.

- Hosts are the host and co-hosts; who may publish are they, presenters and participants; everybody includes viewers.
- The server fills in `id` (who says it), `username`, `time` (seconds of the epoch), `timeMs` and `seq`, and inside the
  `msg` of the whiteboard `socketId` and `room_id`. What a client wrote there is replaced.
- `ref`, up to 64 characters, asks for an `ack`; for an hour the same `ref` of the same person says nothing new.
- What is for the room goes to everybody in it. **Kept** events go to the sender too: they are numbered by `seq` without
  a gap within an `epoch`, or by `pseq` where they are for one person, and are told again for 24 hours to whoever missed
  them and joins with `epoch`, `lastSeq` and `lastPseq`. All others go to everybody but the connection that said them.
- `to` names the person for whom alone an event is, where the table says *one*.
- Fields that are not named here are passed on by *open* events, and dropped by others.
- A connection may say so many a second of each class, and twice as many at once: {rates}.
- A frame has at most {frame} KiB unless the table says otherwise.
- The plan of the room's owner must have the feature that an event needs.

`error` has one of the codes {codes}.
A socket closes with

| code | since |
|---|---|
{closes}
"""

CLOSES = {
    Close.NORMAL: "the meeting is over",
    Close.TOO_LARGE: "a frame was too large",
    Close.FAULT: "an event met a fault of the server",
    Close.GOING_DOWN: "the server is going down, or cannot do what it should just now: come again",
    Close.BAD_TOKEN: "the token is not good, or its sign-in has ended",
    Close.REMOVED: "the person was removed, or the room is locked",
    Close.NO_SUCH_ROOM: "there is no such room",
    Close.FULL: "the room is full",
    Close.RESUMED_ELSEWHERE: "another connection has taken the seat",
    Close.TOO_SLOW: "the client does not read what it gets",
}


PERSONAL = """\
## To one person: `/ws/me`

One WebSocket beside the rooms, for all tabs of a person. It lets in whoever holds the session cookie of our pages, by
their origin, or the sub-protocols `meet.v1` and `bearer.<access token>`; or `bearer.<ticket>`, for one who waits before
a private room and hears of that alone. It closes with 4401 when the sign-in or the ticket ends. What is said answers
`ack` or `error`, as in rooms. Who does not listen when something is told hears no more of it, but for the decision
about a ticket.
"""


def write_page(kinds: Iterable[Kind], acts: Iterable[Act], notices: Iterable[type[Notice]]) -> str:
    """Return the page: what is the same for all, a table of all, and the fields of each; then what one person says and
    is told alone."""
    kinds = sorted(kinds, key=lambda kind: kind.name.lower())
    said = [kind for kind in kinds if kind.senders]
    told = [kind for kind in kinds if not kind.senders]
    parts = [_introduction()]
    for title, some in (("What people say", said), ("What the server alone says", told)):
        parts += [f"## {title}", "", *_table(some), "", *(line for kind in some for line in _fields(kind))]
    said = [(act.name, act.payload, act.summary) for act in acts]
    told = [(str(_known(notice).tag), notice, _doc(notice)) for notice in notices]
    return "\n".join([*parts, PERSONAL, *_bare_table("says", said), "", *_bare_table("is told", told), ""])


def _introduction() -> str:
    rates = ", ".join(f"{each} ({name})" for name, each in RATES.items())
    codes = ", ".join(f"`{code}`" for code in ErrorCode.__args__)
    closes = "\n".join(f"| {code} | {since} |" for code, since in CLOSES.items())
    return INTRODUCTION.format(rates=rates, frame=MAX_FRAME // 1024, codes=codes, closes=closes)


def _table(kinds: Iterable[Kind]) -> list[str]:
    head = ["| type | from | to | kept | class | at most | feature | |", "|---|---|---|---|---|---|---|---|"]
    return head + [f"| {' | '.join(_row(kind))} |" for kind in kinds]


def _row(kind: Kind) -> list[str]:
    size = "" if kind.max_bytes == MAX_FRAME else f"{kind.max_bytes // 1024} KiB"
    rate = kind.rate if kind.senders else ""
    feature = f"`{kind.feature}`" if kind.feature else ""
    kept = "yes" if kind.is_kept else ""
    return [f"`{kind.name}`", WHO[kind.senders], kind.to, kept, rate, size, feature, kind.summary]


def _bare_table(verb: str, rows: Iterable[tuple[str, type, str]]) -> list[str]:
    head = [f"| a person {verb} | holds | |", "|---|---|---|"]
    return head + [f"| `{name}` | {_words(_known(struct))} | {summary} |" for name, struct, summary in rows]


def _known(struct: type) -> Any:
    return inspect.type_info(struct)


def _doc(struct: type) -> str:
    return " ".join((struct.__doc__ or "").split())


def _fields(kind: Kind) -> list[str]:
    known = _known(kind.payload)
    if not known.fields and not kind.is_open:
        return []
    note = _doc(kind.payload)
    lines = [f"### {kind.name}", "", *([note, ""] if note else [])]
    if known.fields:
        lines += ["| field | is | |", "|---|---|---|", *(_field(field) for field in known.fields), ""]
    return lines + (["Open: other fields are passed on.", ""] if kind.is_open else [])


def _field(field: inspect.Field) -> str:
    return f"| `{field.encode_name}` | {_words(field.type)} | {_default(field)} |"


def _default(field: inspect.Field) -> str:
    if field.required:
        return "required"
    default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
    # What is UNSET has no default as msgspec sees it.
    if default is msgspec.NODEFAULT or isinstance(default, msgspec.Struct):
        return "may be left out"
    return f"`{msgspec.json.encode(default).decode()}` where it is left out"


def _words(known: Any) -> str:
    """Say in words what a value is."""
    match known:
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "whole number" + (f" from {known.ge}" if known.ge is not None else "")
        case inspect.StrType():
            return "text" + (f" up to {known.max_length}" if known.max_length else "") + _pattern(known.pattern)
        case inspect.NoneType():
            return "null"
        case inspect.LiteralType():
            return " or ".join(f"`{value}`" for value in known.values)
        case inspect.UnionType():
            return " or ".join(_words(part) for part in known.types)
        case inspect.ListType():
            return f"list of {_words(known.item_type)}"
        case inspect.StructType():
            return "{" + ", ".join(f"`{field.encode_name}`: {_words(field.type)}" for field in known.fields) + "}"
        case inspect.DictType():
            return "object"
    return "anything"


def _pattern(pattern: str | None) -> str:
    return f" like `{pattern}`" if pattern else ""
