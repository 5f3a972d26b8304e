"""Where uploads lie until they are checked: a folder for each, gone as soon as the upload is refused or taken in."""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings

from config.lib.ids import new_id

# Whatever is older was left by a process that was killed; a running upload touches its file all the time.
STALE_SECONDS = 6 * 3600


@dataclass(frozen=True)
class StagedFile:
    """A file that arrived whole: where it lies, the name its owner gave it, its bytes and their SHA-256."""

    path: Path
    file_name: str
    size: int
    sha256: str


class StagedWriter:
    """Write one file of an upload, counting and hashing on the way."""

    def __init__(self, path: Path, file_name: str) -> None:
        self._path = path
        self._file_name = file_name
        self._hash = hashlib.sha256()
        self._size = 0
        self._file = path.open("xb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def write(self, part: bytes | memoryview) -> None:
        self._file.write(part)
        self._hash.update(part)
        self._size += len(part)

    def close(self) -> None:
        """Close the file, whole or not; bytes that the disk has no room for were missed already."""
        with suppress(OSError):
            self._file.close()

    def finish(self) -> StagedFile:
        """Close the file when its last byte is on the disk: an upload that was answered survives a power cut."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return StagedFile(self._path, self._file_name, self._size, self._hash.hexdigest())


@contextmanager
def folder() -> Iterator[Path]:
    """Lend a new folder for one upload; nothing of it is left afterwards."""
    path = settings.UPLOADS_DIR / new_id()
    path.mkdir(parents=True, mode=0o700)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def remove_stale() -> None:
    """Remove what uploads left whose process was killed."""
    if not settings.UPLOADS_DIR.is_dir():
        return
    for left in settings.UPLOADS_DIR.iterdir():
        # An upload that is just being finished takes its folder away meanwhile.
        with suppress(FileNotFoundError):
            newest = max(file.stat().st_mtime for file in [left, *left.glob("*")])
            if time.time() - newest > STALE_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
