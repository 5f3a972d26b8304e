"""How people come into a room, and what the server tells of it: who is there, and what goes on."""

import msgspec
from msgspec import UNSET, UnsetType

from rooms.conversation.kinds.fields import Id, Ref
from rooms.realtime.protocol import EVERYBODY, SERVER, ErrorCode, Kind, Payload, Role


class Joining(Payload):
    """`epoch`, `lastSeq` and `lastPseq` are what the client was told last; with them it is told what it missed."""

    roomId: str
    epoch: str | None = None
    lastSeq: int = 0
    lastPseq: int = 0
    name: str = ""
    device: str = ""


class Person(msgspec.Struct):
    id: Id
    username: str
    role: Role


class Participant(Person):
    mic: bool
    camera: bool
    hand: bool
    sharing: bool
    consent: bool


class Shared(msgspec.Struct):
    on: bool
    owner: Id | None


class Recorded(msgspec.Struct):
    on: bool
    recordingId: str | UnsetType = UNSET


class Transcribed(msgspec.Struct):
    on: bool
    language: str | None


class Sharing(msgspec.Struct):
    id: Id
    streamId: str


class Asking(msgspec.Struct):
    id: Id
    username: str
    timeMs: int


class Media(msgspec.Struct):
    mode: str


class Knocked(Payload):
    ticket: Id
    username: str


class Connected(Payload):
    """`consent` is the caller's own; `lobby` and `micRequests` are told to hosts, `encryptionSecret` to who may
    speak."""

    roomId: Id
    meetingId: Id | None
    # `self` is a word of everybody's.
    own: Person = msgspec.field(name="self")
    participants: list[Participant]
    whiteboard: Shared
    recording: Recorded
    transcript: Transcribed
    consent: bool
    media: Media
    epoch: str
    seq: int
    pseq: int
    encryptionSecret: str | UnsetType = UNSET
    lobby: list[Knocked] | UnsetType = UNSET
    micRequests: list[Asking] | UnsetType = UNSET
    locked: bool | UnsetType = UNSET
    sharing: Sharing | UnsetType = UNSET


class Came(Payload):
    participant: Participant


class Left(Payload):
    """`reason` is `left`, `lost`, `removed`, `signed_out` or `room_deleted`."""

    participant: Participant
    reason: str


class Counted(Payload):
    count: int
    total: int


class OfMeeting(Payload):
    meetingId: Id


class Acknowledged(Payload):
    """`seq` is the number of the event, where it has one."""

    ref: Ref | None
    seq: int | UnsetType = UNSET


class Refused(Payload):
    ref: Ref | None
    code: ErrorCode
    message: str


def _told(name: str, payload: type[Payload], to: str, summary: str) -> Kind:
    return Kind(name=name, payload=payload, senders=SERVER, to=to, summary=summary)


KINDS = (
    # Answered by the connection itself, before there is anybody whose event it could be.
    Kind(
        name="room.join",
        payload=Joining,
        senders=EVERYBODY,
        to="server",
        summary="Comes in, or back; `room_connected` answers it.",
    ),
    _told("room_connected", Connected, "caller", "The state of the room, then what was missed; told again if need be."),
    _told("participant-joined", Came, "room", "Somebody came."),
    _told("participant-updated", Came, "room", "Somebody is something else, or has something else switched on."),
    _told("participant-left", Left, "room", "Somebody left; whose link broke does so after 30 s."),
    _told("lobby-request", Knocked, "hosts", "Somebody waits before a private room."),
    _told("view_count", Counted, "room", "How many people are here, and how many were; at most once a second."),
    _told("meetingId", OfMeeting, "room", "A meeting has started in the room."),
    _told("meeting-ended", OfMeeting, "room", "The meeting is over; the socket closes with 1000."),
    _told("ack", Acknowledged, "sender", "An event with a `ref` was taken."),
    _told("error", Refused, "sender", "An event was not taken; the connection stays."),
)
