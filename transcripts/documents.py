"""A meeting's transcript and notes as files in the form that was asked for."""

import json
from collections.abc import Callable
from typing import NamedTuple

from config.lib.errors import NotThereYet
from meetings.models import Meeting
from transcripts import exports, reading
from transcripts.exceptions import UnknownFormat

CONTENT_TYPES = {
    "txt": "text/plain; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
}


class Forms(NamedTuple):
    """The forms in which something is written, and those of the contract that a later version writes."""

    written: tuple[str, ...]
    to_come: tuple[str, ...]

    def check(self, form: str) -> None:
        """Raise where nothing is written in this form.

        Raises:
            UnknownFormat, config.lib.errors.NotThereYet.
        """
        if form in self.to_come:
            raise NotThereYet
        if form not in self.written:
            raise UnknownFormat(form, list(self.written))


TRANSCRIPT = Forms(("json", "txt"), to_come=("srt", "vtt", "docx", "pdf"))
NOTES = Forms(("json", "md"), to_come=("docx", "pdf"))


def transcript(meeting: Meeting, form: str) -> str:
    """Write the transcript of a meeting that the caller may read, in a form of `CONTENT_TYPES`."""
    lines = [
        exports.Line(line.id, line.user_name, line.start_ms, line.end_ms, line.message)
        for line in reading.lines_of(meeting.pk)
    ]
    missing = [stretch.text for stretch in reading.missing_of(meeting)]
    return _WRITERS[form](meeting, lines, missing)


def _txt(meeting: Meeting, lines: list[exports.Line], missing: list[str]) -> str:
    return exports.as_txt(meeting.title, lines, missing)


def _json(meeting: Meeting, lines: list[exports.Line], missing: list[str]) -> str:
    return json.dumps(exports.as_json(meeting.pk, meeting.title, lines, missing), ensure_ascii=False, indent=2)


_WRITERS: dict[str, Callable[[Meeting, list[exports.Line], list[str]], str]] = {"txt": _txt, "json": _json}
