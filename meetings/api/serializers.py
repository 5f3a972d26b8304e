"""Meetings on the wire."""

from collections.abc import Collection
from typing import Any, TypedDict

from rest_framework import serializers

from accounts.models import EMAIL_LENGTH, User
from config.lib.fields import (
    ID_PATTERN,
    BoolField,
    ClientIdField,
    IdField,
    IntField,
    MomentField,
    WireSerializer,
)
from config.lib.times import iso
from meetings.access import Access, Rights
from meetings.enums import ALL_RIGHTS, MANAGE, Right
from meetings.invitations import actions as invitations
from meetings.models import Meeting
from meetings.names import TITLE_LENGTH
from meetings.rules import is_manager, rights_of
from meetings.zones import ZONES
from rooms.api.serializers import NameField

# Longer is no meeting, and shorter is none.
MINUTES = {"min_value": 1, "max_value": 7 * 24 * 60}
MAX_ENTRIES = 500


class MeetingFields(TypedDict):
    """A meeting as the contract shows it; times as `2025-10-14T13:08:09.559Z`."""

    _id: str
    title: str
    hostId: str
    roomId: str | None
    transcriptEnabled: bool
    summaryGenerated: bool
    recordingIds: list[str]
    createdAt: str
    startedAt: str | None
    endedAt: str | None
    participantsCount: int


MEETING_EXAMPLE: dict[str, Any] = {
    "_id": "68ee4b39b22d6134386fc5dc",
    "title": "Weekly planning",
    "hostId": "68de7a9d8f40ff41c940c7fb",
    "roomId": "68aff60da51d6c83a24245a2",
    "transcriptEnabled": True,
    "summaryGenerated": False,
    "recordingIds": [],
    "createdAt": "2025-10-14T13:08:09.559Z",
    "startedAt": None,
    "endedAt": None,
    "participantsCount": 0,
}


def meeting_fields(meeting: Meeting) -> MeetingFields:
    """Give a meeting of `with_participants_count`."""
    return {
        "_id": meeting.pk,
        "title": meeting.title,
        "hostId": meeting.host_id,
        "roomId": meeting.room_id,
        "transcriptEnabled": meeting.transcript_enabled,
        "summaryGenerated": meeting.summary_generated,
        "recordingIds": meeting.recording_ids,
        "createdAt": iso(meeting.created_at) or "",
        "startedAt": iso(meeting.started_at),
        "endedAt": iso(meeting.ended_at),
        "participantsCount": meeting.participants_count,
    }


class MeetingDetail(MeetingFields):
    """A meeting with what is planned, and what the caller may do; who is invited is the hosts' to see."""

    startsAt: str | None
    duration: int | None
    timeZone: str
    joinUrl: str
    invited: list[str]
    rights: list[str]


DETAIL_EXAMPLE: dict[str, Any] = {
    **MEETING_EXAMPLE,
    "startsAt": "2025-10-16T07:00:00.000Z",
    "duration": 45,
    "timeZone": "Europe/Madrid",
    "joinUrl": "https://meet.example.com/r/68aff60da51d6c83a24245a2",
    "invited": ["anna@example.com"],
    "rights": [*ALL_RIGHTS],
}


def meeting_detail(meeting: Meeting, user: User) -> MeetingDetail:
    meeting.participants_count = meeting.participants.count()
    return {
        **meeting_fields(meeting),
        "startsAt": iso(meeting.starts_at),
        "duration": meeting.duration_minutes,
        "timeZone": meeting.time_zone,
        "joinUrl": invitations.link_of(meeting),
        "invited": invitations.emails_of(meeting) if is_manager(user, meeting) else [],
        "rights": sorted(rights_of(user, meeting), key=ALL_RIGHTS.index),
    }


class _PlanSerializer(WireSerializer):
    """When a meeting is to be, and who is asked to come."""

    startsAt = MomentField(source="starts_at", required=False, allow_null=True)
    duration = IntField(source="duration_minutes", required=False, allow_null=True, help_text="Minutes.", **MINUTES)
    timeZone = serializers.ChoiceField(
        source="time_zone", choices=ZONES, required=False, help_text="A name of the IANA time zone database."
    )
    invited = serializers.ListField(
        child=serializers.EmailField(max_length=EMAIL_LENGTH),
        max_length=invitations.MAX_INVITED,
        required=False,
        help_text="Everybody who is invited; they get a mail.",
    )


class NewMeetingSerializer(_PlanSerializer):
    """A meeting that is to come."""

    title = NameField(max_length=TITLE_LENGTH)
    hostId = IdField(source="host_id")
    transcriptEnabled = BoolField(source="transcript_enabled")
    roomId = IdField(source="room_id", required=False, allow_null=True)


class MeetingChangesSerializer(_PlanSerializer):
    """What is to change of a meeting; what is not there stays."""

    userId = IdField(source="user_id", required=False)
    title = NameField(max_length=TITLE_LENGTH, required=False)
    roomId = IdField(source="room_id", required=False, allow_null=True)
    recordingId = ClientIdField(source="recording_id", required=False)
    transcriptEnabled = BoolField(source="transcript_enabled", required=False)
    summaryGenerated = BoolField(source="summary_generated", required=False)


class AccessEntry(WireSerializer):
    """Rights for somebody, named by id or by e-mail."""

    userId = IdField(required=False)
    email = serializers.EmailField(max_length=EMAIL_LENGTH, required=False)
    rights = serializers.ListField(child=serializers.ChoiceField([*Right.values, MANAGE]))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("userId" in attrs) == ("email" in attrs):
            raise serializers.ValidationError("Name somebody by userId or by email.")
        return attrs


# What no serializer can say: one of the two names, and not both.
ACCESS_BODY: dict[str, Any] = {
    "type": "array",
    "maxItems": MAX_ENTRIES,
    "items": {
        "type": "object",
        "properties": {
            "userId": {"type": "string", "pattern": ID_PATTERN},
            "email": {"type": "string", "format": "email", "maxLength": EMAIL_LENGTH},
            "rights": {"type": "array", "items": {"type": "string", "enum": [*ALL_RIGHTS, MANAGE]}},
        },
        "required": ["rights"],
        "oneOf": [{"required": ["userId"]}, {"required": ["email"]}],
    },
}


def rights_in(names: Collection[str]) -> Rights:
    """Spell `manage` out."""
    return frozenset(ALL_RIGHTS if MANAGE in names else names)


class AccessFields(TypedDict):
    """Rights that one person has, and why: as `host`, `cohost`, `participant`, or because they were `granted`.

    `email` is empty of who did not take part, and was not named by it.
    """

    userId: str
    name: str
    email: str
    rights: list[str]
    why: str
    grantedBy: str | None


ACCESS_EXAMPLE: dict[str, Any] = {
    "userId": "68de7a9d8f40ff41c940c7fb",
    "name": "Anna Alba",
    "email": "anna@example.com",
    "rights": ["view", "export"],
    "why": "granted",
    "grantedBy": "68de7a9d8f40ff41c940c7fc",
}


def access_fields(access: Access) -> AccessFields:
    return {
        "userId": access.user.pk,
        "name": access.user.full_name,
        "email": access.email,
        "rights": access.rights,
        "why": access.why,
        "grantedBy": access.granted_by.pk if access.granted_by else None,
    }


class ConsentSerializer(WireSerializer):
    take_part = BoolField()


class ConsentFields(TypedDict):
    take_part: bool
