"""The seal on audit rows: an HMAC chain over them, signed heads kept elsewhere, and what the two together prove."""

import hashlib
import hmac
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from io import BufferedRandom
from itertools import chain
from pathlib import Path

from config.lib.durable import sync_folder
from config.lib.times import iso

GENESIS = bytes(32)  # stands before the first row
FIRST_SEQ = 1
_HEAD_FORM = "head1"
_TRIM_FORM = "trim1"


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A row as it is stored: its place in the chain, its content, its seal."""

    seq: int
    row: Mapping[str, object]
    mac: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The end that a chain had when it was signed; of a trim the last row that was removed after its time."""

    seq: int
    mac: bytes
    is_trim: bool = False


class BadHead(ValueError):
    """A line is no signed head: cut by a crash, changed, or signed with another key."""


@dataclass
class Report:
    """What a chain shows: sequence numbers of rows that were edited or rewritten, and ranges that are not there.

    edits: the seal does not match the content (or the row before it was replaced by one with a made-up seal).
    gaps: rows missing between others, first and last of them. cut: rows missing at the end, of which a head tells.
    trimmed: the last of the rows at the beginning that are lawfully gone, as a signed trim says; 0 if none are.
    rewrites: the seal is right and yet not the one that a head recorded: someone with the key sealed the chain anew.
    """

    rows: int = 0
    edits: list[int] = field(default_factory=list)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    cut: tuple[int, int] | None = None
    rewrites: list[int] = field(default_factory=list)
    trimmed: int = 0

    @property
    def is_sound(self) -> bool:
        return not (self.edits or self.gaps or self.cut or self.rewrites)


def canonical(row: Mapping[str, object]) -> bytes:
    """Write a row as JSON in the one form that is sealed: sorted keys, no spaces, ASCII.

    Hand in the row as the database gives it back, with times as text: what is sealed must be what is verified.
    Raises: TypeError for what JSON cannot hold, ValueError for numbers that are none.
    """
    if not all(isinstance(name, str) for name in row):
        raise TypeError("The keys of an audit row are text.")
    return json.dumps(row, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def seal(prev_mac: bytes, seq: int, row: Mapping[str, object], key: bytes) -> bytes:
    """Compute the seal of a row: HMAC-SHA-256 over the seal before it, its number, its content."""
    return _mac(b"row\0" + prev_mac + seq.to_bytes(8, "big") + canonical(row), key)


def sign_head(head: Head, at: datetime, key: bytes) -> str:
    """Write a head as a line: form, number, seal, time (aware, written in UTC), signature."""
    body = f"{_TRIM_FORM if head.is_trim else _HEAD_FORM} {head.seq} {head.mac.hex()} {iso(at)}"
    return f"{body} {_sign(body, key)}"


def parse_head(line: str, key: bytes) -> Head:
    """Read a line that `sign_head` wrote.

    Raises: BadHead.
    """
    body, _, signature = line.strip().rpartition(" ")
    if not hmac.compare_digest(_sign(body, key).encode(), signature.encode(errors="replace")):
        raise BadHead("The line is not a head signed with this key.")
    form, seq, mac, _ = body.split(" ")
    return Head(int(seq), bytes.fromhex(mac), is_trim=form == _TRIM_FORM)


def append_head(path: Path, line: str) -> None:
    """Add a signed head to its file; it is on disk when this returns.

    One write; where a crash cut the line before it, it starts a new one, so that only that line is lost.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    is_new = not path.exists()
    with open(path, "a+b", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(_newline_after(file) + line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync_folder(path.parent)


def read_heads(path: Path, key: bytes) -> tuple[list[Head], list[int]]:
    """Read all heads of a file, and the numbers of the lines that are none; a file that is not there has none."""
    heads, bad_lines = [], []
    lines = path.read_text(errors="replace").split("\n") if path.exists() else []
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            heads.append(parse_head(line, key))
        except BadHead:
            bad_lines.append(number)
    return heads, bad_lines


def verify(rows: Iterable[SealedRow], heads: Iterable[Head], key: bytes) -> Report:
    """Check a chain, given in the order of its numbers, against its key and its heads; rows are read one by one.

    It begins after the rows that a trim removed; where rows before its first are missing and no trim says so, that is a
    gap. The first row after a gap can be checked only where a head recorded the seal before it.
    """
    recorded: defaultdict[int, set[bytes]] = defaultdict(set)
    trims, highest = [], 0
    for head in heads:
        recorded[head.seq].add(head.mac)
        # A trim leaves the last row, so that there is one after those that it removed.
        highest = max(highest, head.seq + head.is_trim)
        if head.is_trim:
            trims.append(head)
    sealed_rows = iter(rows)
    first = next(sealed_rows, None)
    last = _start(trims, before=first.seq if first else highest + 1)
    report = Report(trimmed=last.seq)
    for sealed in chain([first] if first else [], sealed_rows):
        _verify_row(sealed, last, recorded, key, report)
        if sealed.seq > last.seq:
            last = Head(sealed.seq, sealed.mac)
    if highest > last.seq:
        report.cut = (last.seq + 1, highest)
    return report


def _start(trims: Iterable[Head], *, before: int) -> Head:
    """Give what stands before the first row: the last trim that ends before it, or the beginning of all."""
    lawful = [trim for trim in trims if trim.seq < before]
    return max(lawful, key=lambda trim: trim.seq, default=Head(FIRST_SEQ - 1, GENESIS))


def _verify_row(sealed: SealedRow, last: Head, recorded: Mapping[int, set[bytes]], key: bytes, report: Report) -> None:
    """Add what one row shows to the report."""
    report.rows += 1
    before = {last.mac}
    if sealed.seq > last.seq + 1:
        report.gaps.append((last.seq + 1, sealed.seq - 1))
        before = recorded.get(sealed.seq - 1, set())
    # A number that was there before belongs to a row put in beside the chain.
    is_repeated = sealed.seq <= last.seq
    if is_repeated or (before and not any(_is_sealed_after(mac, sealed, key) for mac in before)):
        report.edits.append(sealed.seq)
    elif recorded.get(sealed.seq, {sealed.mac}) != {sealed.mac}:
        report.rewrites.append(sealed.seq)


def _is_sealed_after(prev_mac: bytes, sealed: SealedRow, key: bytes) -> bool:
    return hmac.compare_digest(seal(prev_mac, sealed.seq, sealed.row, key), sealed.mac)


def _sign(body: str, key: bytes) -> str:
    """Sign the body of a head; the label keeps it from ever being the seal of a row."""
    return _mac(b"head\0" + body.encode(errors="replace"), key).hex()


def _mac(message: bytes, key: bytes) -> bytes:
    return hmac.digest(key, message, hashlib.sha256)


def _newline_after(file: BufferedRandom) -> bytes:
    """Return the line end that a crash may have kept from a file's last line."""
    end = file.seek(0, os.SEEK_END)
    if end == 0:
        return b""
    file.seek(end - 1)
    return b"" if file.read(1) == b"\n" else b"\n"
