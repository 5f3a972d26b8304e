"""Cutting a track into utterances at silence, as the sound arrives."""

from array import array
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import sqrt
from operator import mul
from typing import Final

from transcripts.speech.types import Segment

FRAME_MS: Final = 30
ONSET_FRAMES: Final = 5  # speech begins when most of these frames hold a voice; a click does not
ONSET_VOICED: Final = 3
PAUSE_FRAMES: Final = 16  # 480 ms of silence end an utterance: longer than between words, shorter than between lines
PADDING_FRAMES: Final = 6  # 180 ms kept before and after, because soft consonants lie below the gate
LONGEST_FRAMES: Final = 1000  # 30 s: what speech models take at once
LATEST_CUT: Final = LONGEST_FRAMES * 2 // 3  # a cut for length lies in the last third

QUIETEST: Final = 33.0  # RMS of 16-bit samples, -60 dBFS: below it there is nothing to recognise
OVER_NOISE: Final = 2.5  # speech is 8 dB above the noise
NOISE_FRAMES: Final = 100  # 3 s: nobody speaks so long without a gap, and steady noise is known after that time


@dataclass(frozen=True, slots=True)
class _Frame:
    pcm: bytes
    level: float
    is_voiced: bool


class _Gate:
    """Tells speech from noise: speech is louder than the quietest moment of the last seconds, which is the noise.

    WebRTC's voice detector was tried beside it and left out: it takes steady noise for a voice at every setting.
    """

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=NOISE_FRAMES)

    def hear(self, pcm: bytes) -> _Frame:
        samples = array("h", pcm)
        level = sqrt(sum(map(mul, samples, samples)) / len(samples))
        self._recent.append(level)
        return _Frame(pcm, level, level > max(QUIETEST, min(self._recent) * OVER_NOISE))


class _Cutter:
    """Collects frames, and gives a segment back when an utterance has ended.

    `_frames` holds the utterance with its padding, or in silence the last few frames, so that a track of any length
    takes the memory of one utterance.
    """

    def __init__(self) -> None:
        self._frames: deque[_Frame] = deque()
        self._first = 0  # the number of the first of `_frames` on the track
        self._is_open = False
        self._silent = 0  # frames since the last voiced one

    def take(self, frame: _Frame) -> Segment | None:
        self._frames.append(frame)
        self._silent = 0 if frame.is_voiced else self._silent + 1
        if not self._is_open:
            self._wait_for_voice()
        elif self._silent >= PAUSE_FRAMES:
            return self._close()
        elif len(self._frames) >= LONGEST_FRAMES:
            return self._emit(self._best_cut())
        return None

    def finish(self) -> Segment | None:
        return self._close() if self._is_open else None

    def _wait_for_voice(self) -> None:
        recent = list(self._frames)[-ONSET_FRAMES:]
        self._is_open = sum(frame.is_voiced for frame in recent) >= ONSET_VOICED
        if not self._is_open:
            self._drop(len(self._frames) - PADDING_FRAMES - ONSET_FRAMES)

    def _close(self) -> Segment:
        self._is_open = False
        return self._emit(len(self._frames) - max(0, self._silent - PADDING_FRAMES))

    def _emit(self, count: int) -> Segment:
        start = self._first
        pcm = b"".join(frame.pcm for frame in self._drop(count))
        return Segment(start * FRAME_MS, self._first * FRAME_MS, pcm)

    def _drop(self, count: int) -> list[_Frame]:
        dropped = [self._frames.popleft() for _ in range(count)]
        self._first += len(dropped)
        return dropped

    def _best_cut(self) -> int:
        """Return after which frame to cut: amid the longest pause of the last third, else at its quietest frame."""
        late = list(enumerate(self._frames))[LATEST_CUT:]
        pause: list[int] = []
        longest: list[int] = []
        for number, frame in late:
            pause = [] if frame.is_voiced else [*pause, number]
            longest = max(longest, pause, key=len)
        if longest:
            return longest[len(longest) // 2]
        return min(late, key=lambda pair: pair[1].level)[0]


def cut(blocks: Iterable[bytes], *, rate: int = 16_000) -> Iterator[Segment]:
    """Cut 16-bit mono sound, in blocks of any size, into utterances of at most 30 s.

    Times are those of the track: `start_ms` and `end_ms` say exactly where `pcm` was taken from, a little silence
    before and after the voice included.
    """
    gate, cutter = _Gate(), _Cutter()
    for pcm in _in_frames(blocks, rate * FRAME_MS // 1000 * 2):
        if segment := cutter.take(gate.hear(pcm)):
            yield segment
    if segment := cutter.finish():
        yield segment


def _in_frames(blocks: Iterable[bytes], size: int) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        rest += block
        whole = len(rest) - len(rest) % size
        for start in range(0, whole, size):
            yield rest[start : start + size]
        rest = rest[whole:]
