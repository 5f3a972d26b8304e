"""Ids: 24 lower-case hex digits that sort by time, the form that existing clients hold."""

import os
import re
import threading
import time

ID_LENGTH = 24
# As much as the audit log keeps of what somebody wrote for an id.
MAX_KEPT = 128
_PATTERN = re.compile(r"[0-9a-f]{24}")

_lock = threading.Lock()
_process = b""
_counter = 0


def _reseed() -> None:
    """Draw the five process bytes and a new counter; run in each forked child, or two children would count alike."""
    global _lock, _process, _counter
    _lock = threading.Lock()
    _process = os.urandom(5)
    _counter = int.from_bytes(os.urandom(3), "big")


_reseed()
os.register_at_fork(after_in_child=_reseed)


def new_id() -> str:
    """Make an id: 4 bytes of seconds, 5 random bytes of this process, a 3-byte counter."""
    global _counter
    with _lock:
        _counter = (_counter + 1) % 2**24
        count = _counter
    return (int(time.time()).to_bytes(4, "big") + _process + count.to_bytes(3, "big")).hex()


def is_id(text: str) -> bool:
    return _PATTERN.fullmatch(text) is not None


def kept(text: str) -> str:
    """Cut what a stranger made up, without NUL, the one character that PostgreSQL cannot keep."""
    return text[:MAX_KEPT].replace("\0", "\ufffd")
