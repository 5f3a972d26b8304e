"""Running ffmpeg over files that strangers sent: which binary, what it may read, and how much of the machine."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread, Timer
from typing import IO, Final

import imageio_ffmpeg

from recordings.exceptions import FfmpegMissing

# Containers of sound and video. Left out are playlists and scripts (hls, dash, concat, sdp, lavfi and the like), which
# make ffmpeg open other files or addresses, and pictures and subtitles, which hold no sound.
FORMATS: Final = (
    "3dostr,aa,aac,aax,ac3,ac4,aiff,amr,amrnb,amrwb,ape,apm,asf,asf_o,ast,au,avi,avr,bfi,caf,dsf,dts,dtshd,eac3,ea,flac,"
    "flv,g722,gsm,gxf,iff,ircam,ivf,kvag,live_flv,loas,m4v,matroska,mca,mlp,mov,mp3,mpc,mpc8,mpeg,mpegts,mxf,nsv,nut,"
    "ogg,oma,osq,paf,pvf,qcp,r3d,rm,rso,sds,shn,smk,sox,spdif,swf,tak,thp,truehd,tta,vividas,voc,vqf,w64,wav,wc3movie,"
    "webm,wsaud,wsvqa,wtv,wv,xa,xmv,xwma"
)
# One thread for each step: sound needs no more, and with one per core the stacks alone would pass the memory limit.
GLOBAL: Final = ("-hide_banner", "-nostdin", "-filter_threads", "1", "-filter_complex_threads", "1")
ADDRESS_SPACE: Final = 3 << 20  # KiB: 3 GiB, ten times what a decoder maps, small enough to stop a bomb
LOG_BYTES: Final = 64 << 10  # what is kept of ffmpeg's words; a broken file can make it print without end
CHUNK: Final = 64 << 10
# What ffmpeg exits with when it was asked to end: it catches SIGTERM and SIGINT.
ENDED_BY_SIGNAL: Final = 255


def binary() -> str:
    """Return the ffmpeg of FFMPEG_BINARY, else the one on the PATH, else imageio-ffmpeg's.

    Raises: FfmpegMissing.
    """
    if named := os.environ.get("FFMPEG_BINARY"):
        if found := shutil.which(named):
            return found
        raise FfmpegMissing("FFMPEG_BINARY names no program that can be run.")
    if found := shutil.which("ffmpeg"):
        return found
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise FfmpegMissing("There is no ffmpeg on this machine: install it, or set FFMPEG_BINARY.") from error


def reading(path: Path) -> list[str]:
    """Return the arguments that open an untrusted file: as this one file, whatever its name or content says."""
    return ["-threads", "1", "-protocol_whitelist", "file", "-format_whitelist", FORMATS, "-i", f"file:{path}"]


class Run:
    """One ffmpeg at work: `stdout` to read from, and the beginning of what it says."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None  # noqa: S101 (both are pipes, see running)
        assert process.stderr is not None  # noqa: S101
        self._process = process
        self._stderr = process.stderr
        self._log = b""
        self.stdout: IO[bytes] = process.stdout
        # Nobody else empties this pipe, and ffmpeg would stop when it is full.
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        while said := self._stderr.read(CHUNK):
            self._log += said[: LOG_BYTES - len(self._log)]

    def succeeds(self) -> bool:
        """Wait for the end."""
        return self._process.wait() == 0

    def was_ended(self) -> bool:
        """Wait for the end, and say whether somebody brought it about: an operator, or the kernel short of memory."""
        return self._process.wait() in (-signal.SIGKILL, ENDED_BY_SIGNAL)

    def log(self) -> str:
        """Wait for the end, and return what ffmpeg said."""
        self._process.wait()
        self._listener.join()
        return self._log.decode(errors="replace")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join()
        self.stdout.close()
        self._stderr.close()


@contextmanager
def running(
    *arguments: str, cpu_seconds: int, wall_seconds: float | None = None, written_bytes: int = 0
) -> Iterator[Run]:
    """Run ffmpeg within limits of time, memory and written bytes; when the block is left, it is dead.

    Raises: FfmpegMissing.
    """
    # A shell sets the limits on itself and then becomes ffmpeg: code between fork and exec would not be safe in a
    # process with threads. Where a system knows no limit of address space, the others still hold.
    limits = (
        f"ulimit -c 0; ulimit -t {cpu_seconds}; ulimit -f {-(-written_bytes // 512)};"
        f' ulimit -v {ADDRESS_SPACE} 2>/dev/null; exec "$@"'
    )
    process = subprocess.Popen(
        ["/bin/sh", "-c", limits, "sh", binary(), *GLOBAL, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(),
    )
    run = Run(process)
    alarm = Timer(wall_seconds, process.kill) if wall_seconds is not None else None
    if alarm:
        alarm.start()
    try:
        yield run
    finally:
        if alarm:
            alarm.cancel()
        run.stop()


def _environment() -> dict[str, str]:
    """Return an environment without our secrets, for a program that parses what strangers sent."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    # One arena per thread would reserve more address space than the limit leaves.
    return kept | {"LC_ALL": "C", "MALLOC_ARENA_MAX": "2"}
