"""Speech recognition by pocketsphinx, whose English model comes with the package."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from importlib.metadata import version
from typing import Any, Final

import pocketsphinx

from transcripts.speech.types import Recognised, Segment, Word

RATE: Final = 16_000  # samples per second: what the model was trained on
BLOCK: Final = 2 * RATE  # bytes of one second; the library holds the GIL for one block at a time
FRAME_MS: Final = 10  # pocketsphinx counts time in hundredths of a second
VARIANT: Final = re.compile(r"\(\d+\)$")  # "the(2)": which of several pronunciations was heard
STATES: Final = 5000  # active at once; a sixth of the default saves a fifth of the time and costs no accuracy
FILLER: Final = re.compile(r"^[<\[+]")  # "<sil>", "[NOISE]", "++UH++"
# The words that are never written small; "march" and "may" have other meanings.
CAPITAL: Final = re.compile(
    r"i('\w+)?$"
    r"|((mon|tues|wednes|thurs|fri|satur|sun)day|january|february|april|june|july|august|september|october|november"
    r"|december)('?s)?$"
)


class PocketsphinxEngine:
    """An engine that needs no download, for English.

    The decoder follows the voice and the microphone from one segment to the next (cepstral means), so an instance
    serves one track.
    """

    name = "pocketsphinx"
    version = version("pocketsphinx")

    def __init__(self) -> None:
        self._has_adapted = False

    def recognise(self, segment: Segment) -> Recognised | None:
        """Return what was said, or None where there was speech that could not be recognised."""
        if not self._has_adapted:
            # The first hearing only teaches the decoder the voice: without it the first sentence is often wrong.
            self._hear(segment.pcm)
            self._has_adapted = True
        self._hear(segment.pcm)
        words = tuple(self._words(segment.start_ms))
        return Recognised(tidied(word.text for word in words), words) if words else None

    def keep(self) -> str:
        """Return the cepstral means.

        They are read back at once: rounded as they are, a decoder that resumes here must not know them less exactly
        than the one that goes on.
        """
        if not self._has_adapted:
            return ""
        means = str(self._decoder.get_cmn(True))
        self._decoder.set_cmn(means)
        return means

    def resume(self, kept: str) -> None:
        self._decoder.set_cmn(kept)
        self._has_adapted = True

    @cached_property
    def _decoder(self) -> Any:
        return pocketsphinx.Decoder(samprate=RATE, maxhmmpf=STATES, loglevel="FATAL")

    def _hear(self, pcm: bytes) -> None:
        self._decoder.start_utt()
        for start in range(0, len(pcm), BLOCK):
            self._decoder.process_raw(pcm[start : start + BLOCK])
        self._decoder.end_utt()

    def _words(self, offset_ms: int) -> Iterator[Word]:
        for heard in self._decoder.seg() or ():
            if not FILLER.match(heard.word):
                yield Word(
                    text=VARIANT.sub("", heard.word),
                    start_ms=offset_ms + heard.start_frame * FRAME_MS,
                    end_ms=offset_ms + (heard.end_frame + 1) * FRAME_MS,
                )


def tidied(words: Iterable[str]) -> str:
    """Join words to a line with the capitals of English; punctuation is not invented."""
    text = " ".join(word.capitalize() if CAPITAL.match(word) else word for word in words)
    return text[:1].upper() + text[1:]
