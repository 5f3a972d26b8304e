"""Meetings on the wire."""

from typing import Any

from config.lib.times import iso
from meetings.models import Meeting


def meeting_fields(meeting: Meeting) -> dict[str, Any]:
    """Give a meeting of `with_participants_count` as the contract shows it."""
    return {
        "_id": meeting.pk,
        "title": meeting.title,
        "hostId": meeting.host_id,
        "roomId": None,
        "transcriptEnabled": meeting.transcript_enabled,
        "summaryGenerated": meeting.summary_generated,
        "recordingIds": meeting.recording_ids,
        "createdAt": iso(meeting.created_at),
        "startedAt": iso(meeting.started_at),
        "endedAt": iso(meeting.ended_at),
        "participantsCount": meeting.participants_count,
    }
