"""Sentences: slices of spoken lines, never altered, with their words and terms."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from transcripts.notes.types import Source, SpokenLine
from transcripts.notes.words import BACK_CHANNELS, find_term, find_words

# An end mark closes a sentence before a space or the end of the line, and with any closing quote that follows it. The
# marks of Chinese and Japanese need no space; a line break always parts.
_END = re.compile(r"(?:[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？]+|\n)\s*")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:mr|mrs|ms|dr|prof|st|vs|etc|e\.g|i\.e|approx|jr|sr|[^\W\d_]|т\.е|т\.д|т\.п|г|ул|руб|тыс|млн|им)\.$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    order: int
    line_index: int
    line: SpokenLine
    start: int
    end: int
    words: tuple[str, ...]
    terms: tuple[str, ...]

    @property
    def text(self) -> str:
        return self.line.text[self.start : self.end]

    @property
    def source(self) -> Source:
        return Source(line_id=self.line.id, quote=self.text)

    @property
    def is_back_channel(self) -> bool:
        return BACK_CHANNELS.issuperset(self.words)


def split_lines(lines: Sequence[SpokenLine], *, names: Collection[str] = ()) -> list[Sentence]:
    """Return the sentences of the lines; the folded words of people's names are no terms, as they name no subject."""
    sentences: list[Sentence] = []
    for line_index, line in enumerate(lines):
        for start, end in find_spans(line.text):
            words = tuple(find_words(line.text[start:end]))
            if words:
                terms = tuple(term for word in words if word not in names and (term := find_term(word)))
                sentences.append(Sentence(len(sentences), line_index, line, start, end, words, terms))
    return sentences


def find_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each sentence, without the white space around it."""
    start = 0
    for mark in _END.finditer(text):
        # Only the last few characters can be an abbreviation; a longer look back would be quadratic on a long line.
        if text[mark.start()] == "." and _ABBREVIATION.search(text, max(0, mark.start() - 8), mark.start() + 1):
            continue
        yield from _trim(text, start, mark.end())
        start = mark.end()
    yield from _trim(text, start, len(text))


def _trim(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    said = text[start:end]
    if said.strip():
        yield start + len(said) - len(said.lstrip()), start + len(said.rstrip())
