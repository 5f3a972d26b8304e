"""The types of events that webhooks tell of: one table, from which docs/protocol/webhooks.md is written.

A payload holds ids and metadata and never what was said.
"""

from dataclasses import dataclass
from typing import Annotated, TypedDict

from django.utils.translation import gettext_noop


class MeetingEvent(TypedDict):
    """What every event of a meeting tells."""

    meetingId: Annotated[str, "The meeting."]
    title: Annotated[str, "Its title at that moment."]
    hostId: Annotated[str, "The user who hosts it."]
    roomId: Annotated[str | None, "The room that it is in, if any."]


class MeetingStarted(MeetingEvent):
    startedAt: Annotated[str | None, "When it started."]


class MeetingEnded(MeetingStarted):
    endedAt: Annotated[str | None, "When it ended."]


class ParticipantJoined(MeetingEvent):
    participantId: Annotated[str, "The user, or the guest (`g_…`)."]
    joinedAt: Annotated[str | None, "When they came into the room."]


class ParticipantLeft(ParticipantJoined):
    leftAt: Annotated[str | None, "When they left it."]
    reason: Annotated[str, "Why: `left`, `lost` (the link), `removed`, `signed_out`, `meeting_ended`, …"]


class Ping(TypedDict):
    requestedBy: Annotated[str, "The user who asked for it."]


@dataclass(frozen=True)
class EventType:
    """A type of event: its name on the wire, its payload, and the fact of a lower app that it tells of."""

    name: str
    description: str
    payload: type
    fact: str = ""


PING = EventType("ping", gettext_noop("Somebody tests the webhook. Every webhook hears it."), Ping)

EVENT_TYPES: tuple[EventType, ...] = (
    EventType(
        "meeting.started", gettext_noop("A meeting started: somebody came first."), MeetingStarted, "meeting_started"
    ),
    EventType("meeting.ended", gettext_noop("A meeting ended."), MeetingEnded, "meeting_ended"),
    EventType(
        "participant.joined",
        gettext_noop("Somebody came to a meeting that runs, or was there when it started."),
        ParticipantJoined,
        "participant_joined",
    ),
    EventType(
        "participant.left",
        gettext_noop("Somebody left a meeting with all their devices."),
        ParticipantLeft,
        "participant_left",
    ),
    EventType(
        "transcript.ready", gettext_noop("The transcript of a meeting is whole."), MeetingEvent, "transcript_ready"
    ),
    EventType("summary.ready", gettext_noop("The notes of a meeting are written."), MeetingEvent, "summary_ready"),
)
NAMES = tuple(kind.name for kind in EVENT_TYPES)
