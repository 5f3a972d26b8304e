"""The speech engines by name."""

from collections.abc import Callable
from typing import Final

from transcripts.exceptions import UnknownSpeechEngine
from transcripts.speech.pocketsphinx import PocketsphinxEngine
from transcripts.speech.types import SpeechEngine

ENGINES: Final[dict[str, Callable[[], SpeechEngine]]] = {PocketsphinxEngine.name: PocketsphinxEngine}


def make_engine(name: str) -> SpeechEngine:
    """Return a new engine; make one for each track, because engines adapt to the voice that they hear.

    Raises: UnknownSpeechEngine.
    """
    try:
        return ENGINES[name]()
    except KeyError as error:
        raise UnknownSpeechEngine(
            f"There is no speech engine named “{name}”; available: {', '.join(sorted(ENGINES))}.",
            available=sorted(ENGINES),
        ) from error
