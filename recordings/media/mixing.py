"""All tracks of a meeting as one file that browsers play."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from recordings.exceptions import MixFailed
from recordings.media.ffmpeg import Run, reading, running
from recordings.media.inspection import measure

RATE: Final = 48_000  # samples per second
CPU_SECONDS: Final = 4 * 3600
LARGEST_BYTES: Final = 2 << 30  # a day of sound takes 700 MB

Tracks = Sequence[tuple[Path, int]]


def mix(tracks: Tracks, target: Path, *, on_progress: Callable[[float], None]) -> None:
    """Write the tracks, each with its offset in ms, as mono AAC into `target` (.m4a, ready to play while it loads).

    `on_progress` gets the finished part, 0 to 1. The target appears complete and on disk, or not at all; what an
    interrupted run left is overwritten.

    Raises: MixFailed, FfmpegMissing.
    """
    total_ms = max(offset_ms + measure(path) for path, offset_ms in tracks)
    unfinished = target.with_name(f"{target.name}.part")
    # Unlinked, not overwritten: an ffmpeg whose worker was killed may still be writing into the old file.
    unfinished.unlink(missing_ok=True)
    inputs = [argument for path, _ in tracks for argument in reading(path)]
    output = ["-filter_complex", _filters(tracks), "-map", "[mix]", "-c:a", "aac", "-b:a", "64k", "-threads", "1"]
    container = ["-movflags", "+faststart", "-f", "mp4", f"file:{unfinished}"]
    quiet = ["-loglevel", "error", "-progress", "pipe:1"]
    try:
        with running(*quiet, *inputs, *output, *container, cpu_seconds=CPU_SECONDS, written_bytes=LARGEST_BYTES) as run:
            _follow(run, total_ms, on_progress)
            if not run.succeeds():
                raise MixFailed("The tracks could not be mixed into one file.", log=run.log())
        _publish(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)
    on_progress(1.0)


def _filters(tracks: Tracks) -> str:
    """Place each track at its offset, add them at full volume, and hold the loudest moments below clipping."""
    placed = [
        f"[{number}:a:0]aresample={RATE}:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=mono,"
        f"adelay={offset_ms}:all=1[track{number}]"
        for number, (_, offset_ms) in enumerate(tracks)
    ]
    labels = "".join(f"[track{number}]" for number in range(len(tracks)))
    joined = f"{labels}amix=inputs={len(tracks)}:normalize=0:duration=longest,alimiter=limit=0.9:level=0[mix]"
    return ";".join([*placed, joined])


def _follow(run: Run, total_ms: int, on_progress: Callable[[float], None]) -> None:
    for line in run.stdout:
        key, _, value = line.decode().strip().partition("=")
        if key == "out_time_us" and value.isdecimal() and total_ms:
            on_progress(min(1.0, int(value) / 1000 / total_ms))


def _publish(unfinished: Path, target: Path) -> None:
    _sync(unfinished)
    unfinished.replace(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
