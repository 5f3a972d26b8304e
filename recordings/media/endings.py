"""Whether a file's own structure says that its end is missing, for the formats where ffmpeg does not notice."""

import struct
from pathlib import Path
from typing import IO, Final

STREAMED: Final = 0x7FFF0000  # bytes; what writes WAV into a pipe states this much or more, or nothing
SLACK: Final = 64  # bytes; some programs count their own header as sound
PAGE: Final = 65_307  # bytes: the longest Ogg page, header included
# How recordings begin: Ogg, FLAC, Matroska, WAV, RF64, AIFF, MP3 with tags.
BEGINNINGS: Final = (b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"RIFF", b"RF64", b"FORM", b"ID3")
ATOMS: Final = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"moof")  # the same for MP4, after four bytes


def looks_like_media(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(8)
    return head.startswith(BEGINNINGS) or head[4:] in ATOMS


def is_cut_short(path: Path) -> bool:
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        if head.startswith(b"RIFF") and head.endswith(b"WAVE"):
            return _wav_end(file) > size + SLACK
        if head.startswith(b"OggS"):
            return _ogg_end(file, size) > size
    return False


def _wav_end(file: IO[bytes]) -> int:
    """Return where the sound ends by the chunk headers, 0 where they do not say."""
    while len(head := file.read(8)) == 8:
        kind, size = struct.unpack("<4sI", head)
        if kind == b"data":
            return 0 if size >= STREAMED else file.tell() + size
        file.seek(size + size % 2, 1)
    return 0


def _ogg_end(file: IO[bytes], size: int) -> int:
    """Return where the last page ends by its own header; a file that was cut ends within a page."""
    base = max(0, size - 2 * PAGE)
    file.seek(base)
    tail = file.read()
    start = tail.rfind(b"OggS\x00")
    count = tail[start + 26 : start + 27]
    lengths = tail[start + 27 : start + 27 + count[0]] if count else b""
    if start < 0:
        return 0
    if not count or len(lengths) < count[0]:
        return size + 1
    return base + start + 27 + len(lengths) + sum(lengths)
