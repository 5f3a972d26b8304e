"""Small media files, made by ffmpeg when a test asks for them."""

import shutil
import subprocess
from pathlib import Path

import imageio_ffmpeg

from recordings.media.ffmpeg import binary

BINARIES = sorted({path for path in (shutil.which("ffmpeg"), imageio_ffmpeg.get_ffmpeg_exe()) if path})
TONE = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=16000:duration=2"]
PICTURES = ["-f", "lavfi", "-i", "testsrc=duration=3:size=160x120:rate=10"]
VIDEO = ["-c:v", "libx264", "-pix_fmt", "yuv420p"]


def make(path: Path, *arguments: str) -> Path:
    subprocess.run([binary(), "-v", "error", "-nostdin", "-y", *arguments, str(path)], check=True)
    return path


def make_tone(path: Path, *options: str) -> Path:
    """Two seconds of a tone, in the format that the ending and the options say."""
    return make(path, *TONE, *options)


def make_streamed(path: Path, *options: str) -> Path:
    """The same, written into a pipe as a browser would: without a length."""
    command = [binary(), "-v", "error", "-nostdin", *TONE, *options, "-"]
    path.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    return path


def make_video(path: Path, *options: str) -> Path:
    """Three seconds of pictures with two seconds of sound."""
    return make(path, *PICTURES, *TONE, *VIDEO, *options)


def make_silent_video(path: Path) -> Path:
    return make(path, *PICTURES, *VIDEO)


def make_picture(path: Path) -> Path:
    return make(path, *PICTURES, "-frames:v", "1")


def make_talk(path: Path, filters: str, seconds: int = 4) -> Path:
    """A tone through the given filters, as 16 kHz FLAC."""
    source = f"sine=frequency=440:sample_rate=16000:duration={seconds}"
    return make(path, "-f", "lavfi", "-i", source, "-af", filters)


def cut_off(path: Path, part: float) -> Path:
    """Keep only the first part of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)])
    return path
