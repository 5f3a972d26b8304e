"""The data keys of meetings and rooms, from the key store that settings name."""

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


def create(owner_id: str) -> None:
    store().create(owner_id)


def destroy(owner_id: str) -> None:
    store().destroy(owner_id)


def cipher(owner_id: str) -> FieldCipher:
    """Give what encrypts and decrypts the fields of a meeting or a room.

    Raises:
        config.lib.keystore.KeyMissing: its content was destroyed with its key.
    """
    return FieldCipher(store().get(owner_id), owner_id)
