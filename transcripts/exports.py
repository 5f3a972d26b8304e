"""Transcripts as files for download: plain text and JSON, from lines that are decrypted already."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict

from django.utils.translation import gettext as _

from config.lib.times import clock

# All that a text viewer may begin a new line at, and tabs, which may look like one.
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
# Control characters, half surrogate pairs (no file can hold them), and the marks that make text run backwards.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Line:
    """One spoken line; times are milliseconds from the start of the meeting."""

    id: str
    user_name: str
    start_ms: int
    end_ms: int
    message: str


class MeetingBody(TypedDict):
    id: str
    title: str


class LineBody(TypedDict):
    _id: str
    userName: str
    startMs: int
    endMs: int
    message: str


class TranscriptBody(TypedDict):
    meeting: MeetingBody
    lines: list[LineBody]
    missing: list[str]


def as_txt(meeting_title: str, lines: Iterable[Line], missing: Sequence[str]) -> str:
    """Write a transcript as plain text: the title, a text line for each spoken one, then sentences on what is missing.

    Whatever was said or typed stays in its one line, so that nobody can put words into another's mouth.
    """
    rows = [_flatten(meeting_title), ""]
    rows += [f"[{clock(line.start_ms)}] {_flatten(line.user_name)}: {_flatten(line.message)}" for line in lines]
    if missing:
        rows += ["", _("Missing:"), *(f"- {_flatten(sentence)}" for sentence in missing)]
    return "\n".join(rows) + "\n"


def as_json(meeting_id: str, meeting_title: str, lines: Iterable[Line], missing: Sequence[str]) -> TranscriptBody:
    """Build the JSON download; texts are exactly what is stored, as JSON has its own escapes."""
    return {
        "meeting": {"id": meeting_id, "title": meeting_title},
        "lines": [
            {
                "_id": line.id,
                "userName": line.user_name,
                "startMs": line.start_ms,
                "endMs": line.end_ms,
                "message": line.message,
            }
            for line in lines
        ],
        "missing": list(missing),
    }


def _flatten(text: str) -> str:
    return _UNSEEN.sub("", _BREAKS.sub(" ", text)).strip()
