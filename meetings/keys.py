"""The data keys of meetings, from the key store that settings name."""

from functools import cache
from pathlib import Path

from django.conf import settings

from config.lib.crypto import FieldCipher, parse_master_key
from config.lib.keystore import KeyStore


@cache
def _store(folder: Path, masters: tuple[str, ...]) -> KeyStore:
    return KeyStore(folder, [parse_master_key(key) for key in masters])


def store() -> KeyStore:
    return _store(settings.KEYS_DIR, tuple(settings.ENCRYPTION_KEYS))


def create(meeting_id: str) -> None:
    store().create(meeting_id)


def destroy(meeting_id: str) -> None:
    store().destroy(meeting_id)


def cipher(meeting_id: str) -> FieldCipher:
    """Give what encrypts and decrypts the meeting's fields.

    Raises:
        config.lib.keystore.KeyMissing: the meeting's content was destroyed with its key.
    """
    return FieldCipher(store().get(meeting_id), meeting_id)
