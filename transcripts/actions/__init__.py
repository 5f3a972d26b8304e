"""What is done to transcripts and notes."""

from transcripts.actions.notes import follow_meeting, follow_recognition, request_notes, retry, write_notes
from transcripts.actions.recognition import queue_recognition, recognise_track, tell_progress
from transcripts.actions.sending import MAX_LABELS, SentLine, send_lines

__all__ = [
    "MAX_LABELS",
    "SentLine",
    "follow_meeting",
    "follow_recognition",
    "queue_recognition",
    "recognise_track",
    "request_notes",
    "retry",
    "send_lines",
    "tell_progress",
    "write_notes",
]
