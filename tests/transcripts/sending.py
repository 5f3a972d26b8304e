"""What the tests of sending lines share."""

from meetings.models import Meeting
from transcripts import reading

SECRET = "the secret that all clients share"


def said(meeting: Meeting) -> list[str]:
    return [line.message for line in reading.lines_of(meeting.pk)]
