"""Meetings on the wire."""

from typing import Any, TypedDict

from config.lib.times import iso
from meetings.models import Meeting


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
