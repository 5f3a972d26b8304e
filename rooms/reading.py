"""Reading what is in rooms: their files, whose names are opened with the room's key."""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from config.lib import keys
from config.lib.keystore import KeyMissing
from rooms.exceptions import RoomFileNotFound
from rooms.models import DOCUMENTS, Room, RoomFile

NAME = "room_file.name"
ORIGINAL_NAME = "room_file.original_name"


@dataclass(frozen=True)
class NamedFile:
    """A file with its names: `filename` is the one of the API."""

    row: RoomFile
    name: str
    original_name: str

    @property
    def filename(self) -> str:
        return f"{self.row.room_id}_{self.name}"

    @property
    def path(self) -> str:
        return f"{DOCUMENTS}/{self.row.room_id}/{self.filename}"


class FileNames:
    """The names of one room's files: sealed for their rows, and hashed to be found by.

    Raises:
        KeyMissing: the content of the room was destroyed.
    """

    def __init__(self, room_id: str) -> None:
        self._cipher = keys.cipher(room_id)
        self._key = keys.derived(room_id, "names of room files")

    def token(self, name: str) -> str:
        return hmac.digest(self._key, name.encode(errors="replace"), hashlib.sha256).hex()

    def seal(self, name: str, *, file_id: str, field: str) -> bytes:
        return self._cipher.encrypt(name, row_id=file_id, field=field)

    def open(self, rows: Iterable[RoomFile]) -> list[NamedFile]:
        """Raises: config.lib.crypto.StoredTextUndecryptable."""
        rows = list(rows)
        names = self._cipher.decrypt_rows([(row.pk, row.name) for row in rows], field=NAME)
        originals = self._cipher.decrypt_rows([(row.pk, row.original_name) for row in rows], field=ORIGINAL_NAME)
        return [NamedFile(*parts) for parts in zip(rows, names, originals, strict=True)]


def named(room: Room, rows: Iterable[RoomFile]) -> list[NamedFile]:
    """Give rows of one room with their names.

    Raises:
        KeyMissing.
    """
    rows = list(rows)
    return FileNames(room.pk).open(rows) if rows else []


def find_file(room: Room, filename: str) -> NamedFile:
    """Find a file by its `filename`.

    Raises:
        RoomFileNotFound.
    """
    room_id, _, name = filename.partition("_")
    try:
        names = FileNames(room.pk)
    except KeyMissing as error:
        raise RoomFileNotFound from error
    found = RoomFile.objects.filter(room=room, name_token=names.token(unicodedata.normalize("NFC", name))).first()
    if found is None or room_id != room.pk:
        raise RoomFileNotFound
    return names.open([found])[0]
