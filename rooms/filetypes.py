"""Which files rooms take: each ending of a name with its type, and what the content must be then."""

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import filetype

from rooms.exceptions import TypeMismatch, TypeNotAllowed
from rooms.names import ending_of

_BLOCK = 2**20
_HEAD = 8192

_OFFICE = "application/vnd.openxmlformats-officedocument"
_DOCUMENT = "application/vnd.oasis.opendocument"
# The two containers that browsers, phones and cameras share among many endings.
_MP4 = frozenset({"video/mp4", "audio/mp4", "video/x-m4v", "video/quicktime", "video/3gpp"})
_OGG = frozenset({"audio/ogg"})
# Everything that is a ZIP archive by its first bytes.
_ZIP = frozenset(
    {
        "application/zip",
        "application/epub+zip",
        *(f"{_OFFICE}.{kind}" for kind in ("wordprocessingml.document", "spreadsheetml.sheet")),
        f"{_OFFICE}.presentationml.presentation",
        *(f"{_DOCUMENT}.{kind}" for kind in ("text", "spreadsheet", "presentation")),
    }
)


@dataclass(frozen=True)
class Kind:
    """A type of file, what the content is recognised as, and a part that it must have inside where it is an archive."""

    content_type: str
    recognised: frozenset[str]
    part: str = ""


def _plain(content_type: str, *recognised: str) -> Kind:
    return Kind(content_type, frozenset(recognised or (content_type,)))


KINDS = {
    "pdf": _plain("application/pdf"),
    "docx": Kind(f"{_OFFICE}.wordprocessingml.document", _ZIP, "word/document.xml"),
    "xlsx": Kind(f"{_OFFICE}.spreadsheetml.sheet", _ZIP, "xl/workbook.xml"),
    "pptx": Kind(f"{_OFFICE}.presentationml.presentation", _ZIP, "ppt/presentation.xml"),
    "odt": _plain(f"{_DOCUMENT}.text"),
    "ods": _plain(f"{_DOCUMENT}.spreadsheet"),
    "odp": _plain(f"{_DOCUMENT}.presentation"),
    "zip": Kind("application/zip", _ZIP),
    "png": _plain("image/png", "image/png", "image/apng"),
    "jpg": _plain("image/jpeg"),
    "jpeg": _plain("image/jpeg"),
    "gif": _plain("image/gif"),
    "webp": _plain("image/webp"),
    "bmp": _plain("image/bmp"),
    "tif": _plain("image/tiff"),
    "tiff": _plain("image/tiff"),
    "heic": _plain("image/heic"),
    "avif": _plain("image/avif"),
    "mp3": _plain("audio/mpeg"),
    "wav": _plain("audio/wav", "audio/x-wav"),
    "flac": _plain("audio/flac", "audio/x-flac"),
    "aac": _plain("audio/aac"),
    "ogg": Kind("audio/ogg", _OGG),
    "oga": Kind("audio/ogg", _OGG),
    "opus": Kind("audio/ogg", _OGG),
    "ogv": Kind("video/ogg", _OGG),
    "m4a": Kind("audio/mp4", _MP4),
    "mp4": Kind("video/mp4", _MP4),
    "m4v": Kind("video/mp4", _MP4),
    "mov": Kind("video/quicktime", _MP4),
    "webm": _plain("video/webm"),
    "mkv": _plain("video/x-matroska"),
    "avi": _plain("video/x-msvideo"),
}
TEXTS = {"txt": "text/plain", "csv": "text/csv", "md": "text/markdown"}

# What no text has, in whichever 8-bit encoding: control characters but tabs and the ends of lines and pages.
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# Beginnings by which programs take a text for something that they run: the tags are those that browsers look for.
_RUNS = re.compile(
    rb"(\xef\xbb\xbf)?\s*(#!|%!|%pdf-|<(!--|\?|!doctype|(html|head|body|script|iframe|h1|div|font|table|a|style|title|b|br|p"
    rb"|svg|math|xml)[\s/>]))",
    re.IGNORECASE,
)
# Office files of any honest size have a few hundred parts, and list them at their end.
_TAIL = 2**20


def content_type_of(name: str, path: Path) -> str:
    """Give the type of a file that is called `name`, when its content agrees.

    Raises:
        TypeNotAllowed: rooms take no files of that ending.
        TypeMismatch: the content is something else.
    """
    ending = ending_of(name)
    if ending in TEXTS:
        if not _is_text(path):
            raise TypeMismatch
        return TEXTS[ending]
    kind = KINDS.get(ending)
    if kind is None:
        raise TypeNotAllowed
    with path.open("rb") as file:
        recognised = filetype.guess_mime(file.read(_HEAD))
    if recognised not in kind.recognised or (kind.part and not _has_part(path, kind.part)):
        raise TypeMismatch
    return kind.content_type


def _is_text(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            blocks = enumerate(_text_blocks(file))
            return not any(_CONTROL.search(block) or (number == 0 and _RUNS.match(block)) for number, block in blocks)
        except UnicodeDecodeError:
            return False


def _text_blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield the content, that of UTF-16 as UTF-8."""
    block = file.read(_HEAD)
    decoder = getincrementaldecoder("utf-16")() if block.startswith(_UTF16) else None
    while block:
        yield decoder.decode(block).encode() if decoder else block
        block = file.read(_BLOCK)


def _has_part(path: Path, part: str) -> bool:
    """Say whether an archive lists a part.

    A bounded look at its end: who forges the list has made no more than the archive that it may be anyway.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        # A record of the directory: its signature, 42 bytes of numbers, the name.
        return re.search(rb"PK\x01\x02.{42}" + re.escape(part.encode()), file.read(), re.DOTALL) is not None
