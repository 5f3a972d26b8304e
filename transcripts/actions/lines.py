"""Keeping the lines of a transcript, wherever they come from."""

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from config.lib import keys
from meetings.models import Meeting, Participant
from recordings.models import Track
from transcripts.models import Line


@dataclass(frozen=True)
class NewLine:
    """Something that was said: recognised on a track, or sent by its author."""

    speaker: Participant
    text: str
    start_ms: int
    end_ms: int
    track: Track | None = None
    author: User | None = None
    client_id: str = ""
    language: str = ""


def store_lines(*, meeting: Meeting, lines: Iterable[NewLine]) -> list[Line]:
    """Encrypt lines and keep them, in the caller's transaction; every line of a transcript comes through here.

    The meeting's row is locked, so that lines are committed in the order of their times: whoever asks for what is newer
    than the last line that they saw misses none.
    """
    Meeting.objects.lock(meeting)
    cipher = keys.cipher(meeting.pk)
    rows = []
    for line in lines:
        row = Line(
            meeting=meeting,
            participant=line.speaker,
            track=line.track,
            author=line.author,
            client_id=line.client_id,
            language=line.language,
            start_ms=line.start_ms,
            end_ms=line.end_ms,
        )
        row.message = cipher.encrypt(line.text, row_id=row.pk, field="line.message")
        rows.append(row)
    return Line.objects.bulk_create(rows)
