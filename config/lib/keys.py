"""The data keys of meetings, rooms and webhooks, from the key store that settings name."""

from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from config.lib.crypto import KEY_BYTES, FieldCipher, parse_master_key
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
    """Give what encrypts and decrypts the fields of what has this id.

    Raises:
        config.lib.keystore.KeyMissing: its content was destroyed with its key.
    """
    return FieldCipher(store().get(owner_id), owner_id)


def derived(owner_id: str, purpose: str) -> bytes:
    """Give a key for one other purpose, such as finding by HMAC; it is gone when the data key is.

    Raises:
        config.lib.keystore.KeyMissing.
    """
    derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"tertulia/{purpose}".encode())
    return derive.derive(store().get(owner_id))
