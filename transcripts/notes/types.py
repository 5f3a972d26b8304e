"""What a notes engine reads and what it writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypedDict


@dataclass(frozen=True, slots=True)
class SpokenLine:
    id: str
    speaker: str
    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """The receipt of one sentence of the notes: the line that it comes from, and its very words there."""

    line_id: str
    quote: str


class Chapter(TypedDict):
    timestamp: str
    title: str
    bullets: list[str]


class Action(TypedDict):
    action: str
    assignee: str
    due_date: str


class QuestionAndAnswer(TypedDict):
    question: str
    answer: str


class Participant(TypedDict):
    name: str
    role: str


class NotesFields(TypedDict):
    title: str
    summary: str
    highlights: list[str]
    chapters: list[Chapter]
    decisions: list[str]
    actions: list[Action]
    qna: list[QuestionAndAnswer]
    participants: list[Participant]
    topics: list[str]
    keywords: list[str]
    ambiguities: list[str]


@dataclass(frozen=True, slots=True)
class WrittenNotes:
    """`sources` maps a JSON pointer into `notes`, such as `/decisions/0`, to its receipts."""

    notes: NotesFields
    sources: dict[str, list[Source]]
    generator: str


class NotesEngine(Protocol):
    name: str

    def write(self, lines: Sequence[SpokenLine], *, title: str, participants: Sequence[str]) -> WrittenNotes: ...
