"""Transcripts and notes as files for download: plain text, JSON and Markdown, of what is decrypted already."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from config.lib.times import clock

# All that a text viewer may begin a new line at, and tabs, which may look like one.
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
# Control characters, half surrogate pairs (no file can hold them), and the marks that make text run backwards.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
# What Markdown would take for its own marks.
_MARKS = re.compile(r"([\\`*_\[\]<>#|~])")


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


def as_md(notes: Mapping[str, Any]) -> str:
    """Write the eleven fields of notes as Markdown; a part that is empty has no heading."""
    chapters = [
        row
        for chapter in notes["chapters"]
        for row in (f"- {chapter['timestamp']} **{_marked(chapter['title'])}**", *_nested(chapter["bullets"]))
    ]
    answers = [row for pair in notes["qna"] for row in (_item(pair["question"]), *_nested([pair["answer"]]))]
    actions = [
        f"- [ ] {_marked(action['action'])} ({_marked(action['assignee'])}, {_marked(action['due_date'])})"
        for action in notes["actions"]
    ]
    people = [_item(f"{person['name']}: {person['role']}") for person in notes["participants"]]
    parts = {
        _("Highlights"): map(_item, notes["highlights"]),
        _("Chapters"): chapters,
        _("Decisions"): map(_item, notes["decisions"]),
        _("Actions"): actions,
        _("Questions and answers"): answers,
        _("Open points"): map(_item, notes["ambiguities"]),
        _("Participants"): people,
        _("Topics"): map(_item, notes["topics"]),
        _("Keywords"): map(_item, notes["keywords"]),
    }
    blocks = [f"# {_marked(notes['title'])}", _marked(notes["summary"])]
    blocks += ["\n".join([f"## {heading}", "", *rows]) for heading, rows in _filled(parts)]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _filled(parts: Mapping[str, Iterable[str]]) -> list[tuple[str, list[str]]]:
    return [(heading, found) for heading, rows in parts.items() if (found := list(rows))]


def _item(text: str) -> str:
    return f"- {_marked(text)}"


def _nested(texts: Iterable[str]) -> list[str]:
    return [f"  {_item(text)}" for text in texts]


def _marked(text: str) -> str:
    """Put a text into one line in which nothing is a mark."""
    return _MARKS.sub(r"\\\1", _flatten(text))


def _flatten(text: str) -> str:
    return _UNSEEN.sub("", _BREAKS.sub(" ", text)).strip()
