"""The sound of a track as samples."""

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from recordings.exceptions import DecodeFailed
from recordings.media.ffmpeg import Run, reading, running

SAMPLE_BYTES: Final = 2  # s16le
CPU_SECONDS: Final = 3600  # a day of sound takes some minutes
PEAKS_RATE: Final = 4000  # samples per second: enough to draw speech
LOUDEST: Final = 1 << 15  # of a 16-bit sample


@contextmanager
def decoded(path: Path, *, rate: int = 16_000) -> Iterator[Iterator[bytes]]:
    """Give the first audio stream as 16-bit mono blocks of one second; the last one may be shorter.

    Sample n is what a player plays n / rate seconds after the start: a late start and gaps in the recording are filled
    with silence. ffmpeg waits while nobody reads, and ends when the block is left.

    Raises: DecodeFailed after the last block where ffmpeg did not reach the end, FfmpegMissing.
    """
    sound = f"aresample={rate}:async=1:first_pts=0"
    output = ["-map", "0:a:0", "-af", sound, "-ac", "1", "-f", "s16le", "pipe:1"]
    with running("-loglevel", "fatal", *reading(path), *output, cpu_seconds=CPU_SECONDS) as run:
        yield _blocks(run, rate)


def _blocks(run: Run, rate: int) -> Iterator[bytes]:
    count = 0
    while block := run.stdout.read(rate * SAMPLE_BYTES):
        count += len(block)
        yield block
    if not run.succeeds():
        decoded_ms = count * 1000 // (rate * SAMPLE_BYTES)
        said = f"The track could be decoded only up to {decoded_ms / 1000:.1f} s."
        raise DecodeFailed(said, decoded_ms=decoded_ms, temporary=run.was_ended())


def peaks(path: Path, *, per_second: int = 10) -> list[int]:
    """Return the loudest sample, 0 to 255, of each of `per_second` parts of every second.

    Raises: DecodeFailed, FfmpegMissing.
    """
    step = PEAKS_RATE // per_second
    found: list[int] = []
    with decoded(path, rate=step * per_second) as blocks:
        for block in blocks:
            samples = array("h", block)
            parts = (samples[start : start + step] for start in range(0, len(samples), step))
            found += [min(255, max(max(part), -min(part)) * 256 // LOUDEST) for part in parts]
    return found
