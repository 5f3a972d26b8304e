"""Byte ranges of RFC 9110 (section 14), the single ones that players and download managers ask for."""

import re
from dataclasses import dataclass

from config.lib.errors import DomainError

# No file has more bytes than these digits count, and longer numbers cost time to read.
_SINGLE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


@dataclass(frozen=True)
class Range:
    """Bytes from `start` up to, not including, `end`."""

    start: int
    end: int


class RangeNotSatisfiable(DomainError):
    """The range lies outside the file."""

    code = "range_not_satisfiable"
    status = 416

    def __init__(self, size: int) -> None:
        super().__init__(f"The file has {size} bytes; ask for a range inside it.")
        self.size = size


def requested_range(header: str, size: int) -> Range | None:
    """Read a Range header for a file of `size` bytes; none, several or malformed ones are to be ignored.

    Raises:
        RangeNotSatisfiable: the range begins behind the end.
    """
    match = _SINGLE.fullmatch(header.strip())
    if match is None or match.group(1) == match.group(2) == "":
        return None
    first, last = match.groups()
    if first and last and int(last) < int(first):
        return None
    start = int(first) if first else max(0, size - int(last))
    if start >= size:
        raise RangeNotSatisfiable(size)
    return Range(start, min(size, int(last) + 1) if first and last else size)
