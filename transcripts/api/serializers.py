"""Transcript lines and notes on the wire."""

from typing import Any

from transcripts.reading import ReadLine


def line_fields(meeting_id: str, line: ReadLine) -> dict[str, Any]:
    return {
        "_id": line.id,
        "meetingId": meeting_id,
        "userName": line.user_name,
        "message": line.message,
        "createdAt": line.created_at,
        "startMs": line.start_ms,
        "endMs": line.end_ms,
    }
