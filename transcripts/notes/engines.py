"""The notes engines by name."""

from collections.abc import Callable
from typing import Final

from transcripts.exceptions import UnknownNotesEngine
from transcripts.notes.extractive import ExtractiveNotes
from transcripts.notes.types import NotesEngine

ENGINES: Final[dict[str, Callable[[], NotesEngine]]] = {ExtractiveNotes.name: ExtractiveNotes}


def make_notes_engine(name: str) -> NotesEngine:
    """Return the engine that settings name.

    Raises: UnknownNotesEngine.
    """
    try:
        return ENGINES[name]()
    except KeyError as error:
        raise UnknownNotesEngine(
            f"There is no notes engine named “{name}”; available: {', '.join(sorted(ENGINES))}.",
            available=sorted(ENGINES),
        ) from error
