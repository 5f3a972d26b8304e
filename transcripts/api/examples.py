"""Bodies and answers of the transcript calls, as the OpenAPI document shows them."""

from typing import Any

MEETING = "68cd413466eab302c9f078cd"
LINE = "670b88775cba2f7de6f739d0"

SEND: dict[str, Any] = {"meetingId": MEETING, "userName": "Anna Example", "message": "Hello."}
SEND_TIMED: dict[str, Any] = {
    **SEND,
    "startMs": 4200,
    "endMs": 4900,
    "language": "en-GB",
    "clientId": "7f0c-1",
    "isEncrypted": False,
}
SEND_BATCH: dict[str, Any] = {
    "meetingId": MEETING,
    "lines": [
        {"userName": "Anna Example", "message": "Hello.", "startMs": 4200, "endMs": 4900, "clientId": "7f0c-1"},
        {"userName": "Anna Example", "message": "We start.", "startMs": 5100, "endMs": 6000, "clientId": "7f0c-2"},
    ],
}
STORED: dict[str, Any] = {
    "_id": LINE,
    "meetingId": MEETING,
    "userName": "Anna Example",
    "isEncrypted": True,
    "createdAt": "2025-10-13T12:20:30.000Z",
    "startMs": 4200,
    "endMs": 4900,
    "language": "en-GB",
    "clientId": "7f0c-1",
}
READ: dict[str, Any] = {
    "_id": LINE,
    "meetingId": MEETING,
    "userName": "Anna Example",
    "message": "Hello.",
    "createdAt": "2025-10-13T12:20:30.000Z",
    "startMs": 4200,
    "endMs": 4900,
    "language": "en-GB",
}
WRITE_NOTES: dict[str, Any] = {"language": "en-GB"}
SUMMARY: dict[str, Any] = {
    "summary": "We decided to move the report to Thursday.",
    "notes": {
        "title": "Weekly planning",
        "summary": "We decided to move the report to Thursday.",
        "highlights": [],
        "chapters": [{"timestamp": "00:00", "title": "Report", "bullets": []}],
        "decisions": ["We decided to move the report to Thursday."],
        "actions": [{"action": "I will send the report", "assignee": "Anna", "due_date": "Thursday"}],
        "qna": [],
        "participants": [{"name": "Anna", "role": "Not specified"}],
        "topics": ["report"],
        "keywords": ["report"],
        "ambiguities": [],
    },
    "sources": {"/decisions/0": [{"lineId": LINE, "quote": "We decided to move the report to Thursday."}]},
    "generator": "extractive",
    "state": "ready",
}
PROGRESS: dict[str, Any] = {"state": "queued", "progress": 0}
TEXT = "Weekly planning\n\n[00:04] Anna Example: Hello.\n"
MARKDOWN = "# Weekly planning\n\nWe decided to move the report to Thursday.\n"
