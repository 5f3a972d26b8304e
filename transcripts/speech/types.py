"""What a speech engine is given and what it gives back."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Segment:
    """One utterance of a track: 16-bit mono sound, and where on the track's own clock it lies."""

    start_ms: int
    end_ms: int
    pcm: bytes


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word on the track's clock."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Recognised:
    """The text of a segment, ready to be shown, and its words as the engine heard them."""

    text: str
    words: tuple[Word, ...]


class SpeechEngine(Protocol):
    """Turns segments into text; `name` and `version` are kept with every line that came from it."""

    name: str
    version: str

    def recognise(self, segment: Segment) -> Recognised | None:
        """Return what was said, or None where there was speech that could not be recognised."""
        ...

    def keep(self) -> str:
        """Return what was learnt of the voice so far, at most 500 characters: nothing that was said."""
        ...

    def resume(self, kept: str) -> None:
        """Go on as the engine did that kept this, so that a track begun by another hears the same words."""
        ...
