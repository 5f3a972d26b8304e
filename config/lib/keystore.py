"""The key store: the wrapped data key of each meeting in a file of its own, apart from the database and its dumps."""

import base64
import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from config.lib.crypto import (
    KEY_BYTES,
    DataKeyUndecryptable,
    KeyCache,
    is_wrapped_by,
    new_data_key,
    unwrap_key,
    wrap_key,
)
from config.lib.durable import sync_folder
from config.lib.errors import DomainError
from config.lib.ids import is_id

FILE_VERSION = 1
CACHED_KEYS = 256  # meetings that one process reads or writes at about the same time
_SUFFIX = ".key"

_Mark = tuple[int, int]


class KeyMissing(DomainError):
    """The data key of a meeting does not exist: never made, or destroyed, and then its content is gone for good."""

    code = "key_missing"
    status = 410

    def __init__(self, meeting_id: str) -> None:
        super().__init__("The content of this meeting was deleted and cannot be read any more.", meeting=meeting_id)


class KeyExists(DomainError):
    """The meeting has a data key, and a second one would make its content unreadable."""

    code = "key_exists"
    status = 409

    def __init__(self, meeting_id: str) -> None:
        super().__init__("This meeting already has a data key.", meeting=meeting_id)


@dataclass
class Rotation:
    """How far a rotation is: keys that were wrapped anew, that needed nothing, and whose master key is not known."""

    rewrapped: int = 0
    current: int = 0
    failed: list[str] = field(default_factory=list)


class KeyStore:
    """Makes, reads, destroys and re-wraps data keys below one folder that any number of processes may share.

    Writing takes the lock of the key's shard, and a key appears by link or rename after it is on disk, so that a crash
    leaves either the old state or the new one. Reading takes no lock.
    """

    def __init__(self, folder: Path, masters: Sequence[bytes]) -> None:
        if not masters or any(len(master) != KEY_BYTES for master in masters):
            raise ValueError(f"The key store needs at least one master key, each of {KEY_BYTES} bytes.")
        self._folder = folder
        self._masters = list(masters)
        self._cache: KeyCache[str, tuple[_Mark, bytes]] = KeyCache(CACHED_KEYS)

    def create(self, meeting_id: str) -> bytes:
        """Make the data key of a meeting; it is on disk when this returns.

        Raises: KeyExists.
        """
        path = self._path(meeting_id)
        _make_folder(self._folder)
        _make_folder(path.parent)
        data_key = new_data_key()
        with _locked(path.parent):
            temporary = _write_temporary(path, self._seal(meeting_id, data_key))
            try:
                os.link(temporary, path)
            except FileExistsError as error:
                raise KeyExists(meeting_id) from error
            finally:
                temporary.unlink()
            sync_folder(path.parent)
        return data_key

    def get(self, meeting_id: str) -> bytes:
        """Return the data key of a meeting, from memory where its file is still the one it was read from.

        Each call asks for the file, so a key that another process destroyed is not served.
        Raises: KeyMissing, DataKeyUndecryptable.
        """
        if not is_id(meeting_id):
            raise KeyMissing(meeting_id)
        path = self._path(meeting_id)
        try:
            cached = self._cache.get(meeting_id)
            if cached is not None and cached[0] == _mark(os.stat(path)):
                return cached[1]
            with path.open("rb") as file:
                mark = _mark(os.fstat(file.fileno()))
                content = file.read()
        except FileNotFoundError as error:
            self._cache.forget(meeting_id)
            raise KeyMissing(meeting_id) from error
        data_key = unwrap_key(_parse(content, meeting_id), self._masters, owner=meeting_id)
        self._cache.put(meeting_id, (mark, data_key))
        return data_key

    def destroy(self, meeting_id: str) -> None:
        """Delete the data key of a meeting, for good; again is no error, so that a deletion can be repeated."""
        path = self._path(meeting_id)
        self._cache.forget(meeting_id)
        if not path.parent.exists():
            return
        with _locked(path.parent):
            path.unlink(missing_ok=True)
            _temporary(path).unlink(missing_ok=True)
            sync_folder(path.parent)

    def ids(self) -> Iterator[str]:
        """Yield the ids of all meetings that have a key."""
        for path in sorted(self._folder.glob(f"[0-9a-f][0-9a-f]/*{_SUFFIX}")):
            if is_id(path.stem):
                yield path.stem

    def rewrap(self, batch: int) -> Iterator[Rotation]:
        """Wrap every data key with the first master key; yield the growing count after each batch and at the end.

        One key at a time, each of them atomic: stopped anywhere, the next run goes on with what is left. No line of
        content is touched. A key that no master key opens is counted as failed and left alone.
        """
        rotation = Rotation()
        for number, meeting_id in enumerate(self.ids(), 1):
            try:
                if self._rewrap_one(meeting_id):
                    rotation.rewrapped += 1
                else:
                    rotation.current += 1
            except KeyMissing:
                continue  # The meeting was deleted while this ran.
            except DataKeyUndecryptable:
                rotation.failed.append(meeting_id)
            if number % batch == 0:
                yield rotation
        yield rotation

    def _rewrap_one(self, meeting_id: str) -> bool:
        """Wrap one data key anew unless the first master key did so already; say whether it was needed."""
        path = self._path(meeting_id)
        # Without the lock, a key destroyed between reading and renaming would come back.
        with _locked(path.parent):
            try:
                wrapped = _parse(path.read_bytes(), meeting_id)
            except FileNotFoundError as error:
                raise KeyMissing(meeting_id) from error
            if is_wrapped_by(wrapped, self._masters[0]):
                return False
            data_key = unwrap_key(wrapped, self._masters, owner=meeting_id)
            _write_temporary(path, self._seal(meeting_id, data_key)).replace(path)
            sync_folder(path.parent)
        return True

    def _seal(self, meeting_id: str, data_key: bytes) -> bytes:
        wrapped = wrap_key(data_key, self._masters, owner=meeting_id)
        return json.dumps({"version": FILE_VERSION, "wrapped": base64.b64encode(wrapped).decode()}).encode() + b"\n"

    def _path(self, meeting_id: str) -> Path:
        """Place a key by the last two digits of its id, the only ones that spread: ids begin with the time."""
        if not is_id(meeting_id):
            raise ValueError("A data key belongs to an id of 24 lower-case hex digits.")
        return self._folder / meeting_id[-2:] / f"{meeting_id}{_SUFFIX}"


def _mark(status: os.stat_result) -> _Mark:
    """Tell one version of a file from another: each is a new file, so its inode or its time differs."""
    return status.st_ino, status.st_mtime_ns


def _parse(content: bytes, meeting_id: str) -> bytes:
    """Read the wrapped key out of its file.

    Raises: DataKeyUndecryptable.
    """
    try:
        body = json.loads(content)
        if body["version"] != FILE_VERSION:
            raise DataKeyUndecryptable("its file is of an unknown version", owner=meeting_id)
        return base64.b64decode(body["wrapped"], validate=True)
    except (ValueError, KeyError, TypeError) as error:
        raise DataKeyUndecryptable("its file is damaged", owner=meeting_id) from error


def _temporary(path: Path) -> Path:
    return path.with_suffix(".new")


def _write_temporary(path: Path, content: bytes) -> Path:
    """Write the next version of a key beside it, down to the disk. The caller holds the lock of the shard.

    What a crash left under that name is removed and never written into, since it may be a link to the key itself.
    """
    temporary = _temporary(path)
    temporary.unlink(missing_ok=True)
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return temporary


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a folder's lock against all threads and processes; a lock file, as NFS does not lock folders."""
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _make_folder(folder: Path) -> None:
    """Make a folder for our eyes only, down to the disk, with what is missing above it."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    # Also where it is there: the process that made it may not have come this far.
    sync_folder(folder.parent)
