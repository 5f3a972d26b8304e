"""Text at rest, version 2: a data key for each meeting, wrapped by a master key, and the fields sealed with it."""

import base64
import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Sequence
from typing import Generic, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from config.lib.errors import DomainError

VERSION = b"v2"
KEY_BYTES = 32  # AES-256
NONCE_BYTES = 12  # the size that GCM is made for (NIST SP 800-38D, 5.2.1.1)
TAG_BYTES = 16
_NONCE_END = len(VERSION) + NONCE_BYTES
_SHORTEST = _NONCE_END + TAG_BYTES

_WRAP_VERSION = b"w1"
_MASTER_ID_BYTES = 8
_MASTER_ID_END = len(_WRAP_VERSION) + _MASTER_ID_BYTES

_Name = TypeVar("_Name", bound=Hashable)
_Kept = TypeVar("_Kept")


class Undecryptable(DomainError):
    """Something encrypted cannot be read with the keys at hand; the causes are not told apart."""

    code = "undecryptable"


class StoredTextUndecryptable(Undecryptable):
    """A stored text was changed, moved or cut, or belongs to another key."""

    status = 500

    def __init__(self, *, meeting: str, row: str, field: str) -> None:
        super().__init__(
            f"The stored {field} of row {row} in meeting {meeting} cannot be decrypted.",
            meeting=meeting,
            row=row,
            field=field,
        )


class DataKeyUndecryptable(Undecryptable):
    """No master key opens a wrapped data key: the master key is not in the list, or the wrapped key is damaged."""

    status = 500

    def __init__(self, reason: str, *, owner: str) -> None:
        super().__init__(f"The data key of {owner} cannot be unwrapped: {reason}.", owner=owner)


class NotUnicode(DomainError):
    """A text holds half of a surrogate pair, or bytes that are not UTF-8, so nobody could ever be shown it."""

    def __init__(self) -> None:
        super().__init__("The text is not valid Unicode. Send whole characters, in UTF-8.")


class KeyCache(Generic[_Name, _Kept]):
    """Keys in memory, in a bounded number, for all threads: the one that was used longest ago goes first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Name, _Kept] = OrderedDict()

    def get(self, name: _Name) -> _Kept | None:
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
            return self._kept.get(name)

    def put(self, name: _Name, kept: _Kept) -> None:
        with self._lock:
            self._kept[name] = kept
            self._kept.move_to_end(name)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)

    def forget(self, name: _Name) -> None:
        with self._lock:
            self._kept.pop(name, None)


def new_data_key() -> bytes:
    return os.urandom(KEY_BYTES)


def parse_master_key(text: str) -> bytes:
    """Read a master key as the settings hold it: 32 bytes in base64, either alphabet, with or without padding.

    Raises: ValueError, which does not repeat the text.
    """
    plain = text.strip().rstrip("=").replace("-", "+").replace("_", "/")
    try:
        master = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError:
        master = b""
    if len(master) != KEY_BYTES:
        raise ValueError(
            f"A master key is {KEY_BYTES} random bytes in base64, such as `openssl rand -base64 32` prints."
        )
    return master


def wrap_key(data_key: bytes, masters: Sequence[bytes], *, owner: str) -> bytes:
    """Wrap a data key with the first master key: `w1`, master id [8], nonce [12], AES-256-GCM of the key.

    GCM and not AES-KW, because it takes the owner as associated data: a wrapped key put in another meeting's place does
    not open. A master key wraps once for each meeting and rotation, far below the 2**32 that random nonces allow.
    """
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(masters[0]).encrypt(nonce, data_key, _wrap_context(owner))
    return _WRAP_VERSION + _master_id(masters[0]) + nonce + sealed


def unwrap_key(wrapped: bytes, masters: Sequence[bytes], *, owner: str) -> bytes:
    """Unwrap a data key with the master key that its id names.

    Raises: DataKeyUndecryptable.
    """
    if wrapped[: len(_WRAP_VERSION)] != _WRAP_VERSION:
        raise DataKeyUndecryptable("it is in an unknown form", owner=owner)
    master = next((master for master in masters if is_wrapped_by(wrapped, master)), None)
    if master is None:
        raise DataKeyUndecryptable("its master key is not among ENCRYPTION_KEYS", owner=owner)
    nonce, sealed = wrapped[_MASTER_ID_END:][:NONCE_BYTES], wrapped[_MASTER_ID_END + NONCE_BYTES :]
    try:
        return AESGCM(master).decrypt(nonce, sealed, _wrap_context(owner))
    except (InvalidTag, ValueError) as error:
        raise DataKeyUndecryptable("it is damaged, or another meeting's", owner=owner) from error


def is_wrapped_by(wrapped: bytes, master: bytes) -> bool:
    return wrapped[len(_WRAP_VERSION) : _MASTER_ID_END] == _master_id(master)


def _master_id(master: bytes) -> bytes:
    """Name a master key without telling anything about it: it is random, so its hash cannot be searched."""
    return hashlib.sha256(b"tertulia master key id\0" + master).digest()[:_MASTER_ID_BYTES]


def _wrap_context(owner: str) -> bytes:
    return b"tertulia data key\0" + owner.encode()


class FieldCipher:
    """Seals and opens the texts of one meeting; made once and used for all its rows, it sets the key up once.

    A sealed text is `v2`, nonce [12], AES-256-GCM. Meeting id, row id and field name are associated data, so a text
    that was moved to another row, field or meeting does not open. Where two tables may hold the same row id, the field
    names must name the table too.
    """

    def __init__(self, key: bytes, meeting_id: str) -> None:
        self._aead = AESGCM(key)
        self._meeting_id = meeting_id

    def encrypt(self, text: str | bytes, *, row_id: str, field: str) -> bytes:
        """Seal a text, or one that is UTF-8 already, with a fresh nonce.

        Raises: NotUnicode.
        """
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + self._aead.encrypt(nonce, to_utf8(text), self._context(field) + row_id.encode())

    def decrypt(self, sealed: bytes | memoryview, *, row_id: str, field: str) -> str:
        """Open one text.

        Raises: StoredTextUndecryptable.
        """
        return self.decrypt_rows([(row_id, sealed)], field=field)[0]

    def decrypt_rows(self, rows: Iterable[tuple[str, bytes | memoryview]], *, field: str) -> list[str]:
        """Open the same field of many rows, given as (row id, sealed text), in about two bare AES-GCM calls a row.

        Raises: StoredTextUndecryptable, at the first row that does not open.
        """
        context = self._context(field)
        texts = []
        for row_id, sealed in rows:
            text = self._open(sealed, context + row_id.encode())
            if text is None:
                raise StoredTextUndecryptable(meeting=self._meeting_id, row=row_id, field=field)
            texts.append(text)
        return texts

    def _open(self, sealed: bytes | memoryview, context: bytes) -> str | None:
        """Open a sealed text, or return None: an error raised from here would carry its content as context."""
        if sealed[:2] != VERSION or len(sealed) < _SHORTEST:
            return None
        try:
            return str(self._aead.decrypt(sealed[2:_NONCE_END], sealed[_NONCE_END:], context), "utf-8")
        except (InvalidTag, UnicodeDecodeError):
            return None

    def _context(self, field: str) -> bytes:
        """Begin the associated data; the row id ends it. The lengths see to it that no two triples are alike."""
        return f"{len(self._meeting_id)}:{self._meeting_id}{len(field)}:{field}".encode()


def encrypt_field(text: str | bytes, key: bytes, *, meeting_id: str, row_id: str, field: str) -> bytes:
    """Seal one text; for several of one meeting use FieldCipher.

    Raises: NotUnicode.
    """
    return FieldCipher(key, meeting_id).encrypt(text, row_id=row_id, field=field)


def decrypt_field(sealed: bytes | memoryview, key: bytes, *, meeting_id: str, row_id: str, field: str) -> str:
    """Open one text; for several of one meeting use FieldCipher.

    Raises: StoredTextUndecryptable.
    """
    return FieldCipher(key, meeting_id).decrypt(sealed, row_id=row_id, field=field)


def to_utf8(text: str | bytes) -> bytes:
    """Encode a text, and refuse what could be stored but never be read again.

    Raises: NotUnicode, outside the handler, because the codec's own errors carry the text.
    """
    try:
        return text.encode() if isinstance(text, str) else str(text, "utf-8").encode()
    except UnicodeError:
        pass
    raise NotUnicode
