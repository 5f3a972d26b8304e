"""The log files of child processes: kept short, and their warnings repeated where the operator looks."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROTATE_BYTES = 10 * 2**20
# A burst beyond this is in the file and not worth repeating.
READ_BYTES = 256 * 2**10
WARNING = re.compile(rb"\b(WARNING|ERROR|CRITICAL)\b")


@dataclass
class ChildLog:
    """A file that a child appends to; `follow` is called now and then and repeats the new warnings."""

    name: str
    path: Path
    say: Callable[[str], None]
    position: int = 0

    def __post_init__(self) -> None:
        if self.path.exists():
            self.position = self.path.stat().st_size

    def follow(self) -> None:
        for line in self._new_lines():
            if WARNING.search(line):
                self.say(f"{self.name}: {line.decode(errors='replace')}")

    def _new_lines(self) -> list[bytes]:
        if not self.path.exists() or self.path.stat().st_size <= self.position:
            return []
        with self.path.open("rb") as log:
            log.seek(self.position)
            whole, end, _ = log.read(READ_BYTES).rpartition(b"\n")
        self.position += len(whole) + len(end)
        return whole.splitlines()

    def rotate(self) -> None:
        """Keep one older file. The child goes on writing to the same one, in append mode, so it is emptied in place."""
        if not self.path.exists() or self.path.stat().st_size < ROTATE_BYTES:
            return
        shutil.copyfile(self.path, self.path.with_name(f"{self.path.name}.1"))
        with self.path.open("r+b") as log:
            log.truncate()
        self.position = 0


def last_line(path: Path) -> str:
    """Return the last words of a program that did not start."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
