"""Text on the wire, version 1, as clients of the Meet API encrypt it; the form at rest is handed on from below."""

import base64
import hashlib
import os
from collections.abc import Collection, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from config.lib.crypto import (
    DataKeyUndecryptable,
    FieldCipher,
    KeyCache,
    NotUnicode,
    StoredTextUndecryptable,
    Undecryptable,
    decrypt_field,
    encrypt_field,
    new_data_key,
    to_utf8,
    unwrap_key,
    wrap_key,
)
from config.lib.errors import DomainError

__all__ = [
    "DataKeyUndecryptable",
    "FieldCipher",
    "MissingSecret",
    "NotUnicode",
    "StoredTextUndecryptable",
    "Undecryptable",
    "classify",
    "decrypt",
    "decrypt_field",
    "decrypt_object",
    "encrypt",
    "encrypt_field",
    "encrypt_object",
    "is_tried",
    "new_data_key",
    "unwrap_key",
    "wrap_key",
]

# The layout and the cost are those of the Meet API; its clients hold messages in this form.
HASHES = ("sha1", "sha256", "sha512")
ITERATIONS = 10_000
SALT_BYTES = 64
BLOCK_BYTES = 16
_IV_END = SALT_BYTES + 16
_TAG_END = _IV_END + 16
SHORTEST = _IV_END + BLOCK_BYTES  # of a message, decoded; with GCM the tag takes the place of the one block

DERIVED_KEYS = 1024  # a salt stands for a sender and a session: about as many as one process serves at a time
_derived: KeyCache[bytes, bytes] = KeyCache(DERIVED_KEYS)
_label_key = os.urandom(32)


class MissingSecret(DomainError):
    """There is no secret to encrypt or decrypt with."""

    code = "missing_secret"
    status = 500

    def __init__(self) -> None:
        super().__init__("There is no encryption secret. Set ENCRYPTION_SECRET, or use the meeting's own.")


def encrypt(text: str, secret: str, *, hash: str = "sha256") -> str:
    """Encrypt a text for a client: base64 of salt [64], iv [16], AES-256-CBC; both are fresh at each call.

    Costs one key derivation, 1 to 4 ms without the GIL: keep it off the event loop.
    Raises: MissingSecret, NotUnicode.
    """
    return _encrypt_with(text, secret, hash, salt=os.urandom(SALT_BYTES), iv=os.urandom(16))


def decrypt(message: str, secret: str, *, hash: str = "sha256", gcm_hash: str | None = None) -> str:
    """Decrypt a message of a client: GCM first, whose tag cannot match by chance, then CBC.

    `gcm_hash` is for deployments whose legacy GCM messages were derived with another hash than `hash`. Costs a key
    derivation unless the salt was seen before; keep it off the event loop.
    Raises: MissingSecret; Undecryptable, the same after the same time for every cause.
    """
    text = _read(message, (secret,), hash, gcm_hash)
    if text is None:
        raise _refusal()
    return text


def encrypt_object(
    obj: Mapping[str, object], fields: Collection[str], secret: str, *, hash: str = "sha256"
) -> dict[str, object]:
    """Return a copy in which the named fields, where there are any, are encrypted; `isEncrypted`, if there, is true.

    Raises: MissingSecret, NotUnicode; TypeError for a field that is no text.
    """
    _check(secret, hash)
    sealed = dict(obj)
    for name in _present(obj, fields):
        text = obj[name]
        if not isinstance(text, str):
            raise TypeError(f"Only text can be encrypted, and {name} is none.")
        sealed[name] = encrypt(text, secret, hash=hash)
    if "isEncrypted" in sealed:
        sealed["isEncrypted"] = True
    return sealed


def decrypt_object(
    obj: Mapping[str, object],
    fields: Collection[str],
    secret: str,
    *,
    hash: str = "sha256",
    gcm_hash: str | None = None,
) -> dict[str, object]:
    """Return a copy in which the named fields, where there are any, are decrypted, unless `isEncrypted` is false.

    A field that does not decrypt is an error and never handed out as it is: it would be ciphertext, or an oracle.
    Raises: MissingSecret, Undecryptable.
    """
    _check(secret, hash)
    opened = dict(obj)
    if obj.get("isEncrypted") is False:
        return opened
    for name in _present(obj, fields):
        message = obj[name]
        opened[name] = decrypt(message if isinstance(message, str) else "", secret, hash=hash, gcm_hash=gcm_hash)
    return opened


def classify(
    message: str,
    *secrets: str,
    hash: str = "sha256",
    gcm_hash: str | None = None,
    is_encrypted: bool | None = None,
) -> str:
    """Return the text of what a client sent, be it text or ciphertext under one of the secrets.

    `is_encrypted` decides where the client said so. Else canonical base64 of at least 96 bytes that decrypts is
    ciphertext; if it does not decrypt and its length is that of CBC it is refused, so that a message under a wrong
    secret is never stored as text; all else is text. All secrets come in one call, because a GCM message under the
    second of them would pass for text under the first.
    Raises: MissingSecret, Undecryptable.
    """
    if not is_tried(message, is_encrypted):
        return message
    text = _read(message, secrets, hash, gcm_hash)
    if text is not None:
        return text
    blob = _unpack(message)
    if is_encrypted or (blob is not None and _has_whole_blocks(blob)):
        raise _refusal()
    return message


def is_tried(message: str, is_encrypted: bool | None) -> bool:
    """Say whether `classify` tries to decrypt the message, at the cost of a key derivation for each secret."""
    return _unpack(message) is not None if is_encrypted is None else is_encrypted


def derive_key(secret: str, salt: bytes, hash: str) -> bytes:
    return hashlib.pbkdf2_hmac(hash, secret.encode(), salt, ITERATIONS, 32)


def _encrypt_with(text: str, secret: str, hash: str, *, salt: bytes, iv: bytes) -> str:
    _check(secret, hash)
    padder = PKCS7(BLOCK_BYTES * 8).padder()
    padded = padder.update(to_utf8(text)) + padder.finalize()
    encryptor = Cipher(AES256(derive_key(secret, salt, hash)), CBC(iv)).encryptor()
    return base64.b64encode(salt + iv + encryptor.update(padded) + encryptor.finalize()).decode()


def _read(message: str, secrets: Collection[str], hash: str, gcm_hash: str | None) -> str | None:
    """Decrypt with the first secret that does it, else return None after having tried all of them."""
    if not secrets:
        raise MissingSecret
    for secret in secrets:
        _check(secret, hash, gcm_hash or hash)
    blob = _unpack(message)
    for secret in secrets:
        # What is no message at all takes the path of one that does not decrypt, for as long.
        text = _open(blob or os.urandom(SHORTEST), secret, hash, gcm_hash or hash)
        if text is not None and blob is not None:
            return text
    return None


def _open(blob: bytes, secret: str, hash: str, gcm_hash: str) -> str | None:
    """Decrypt a message with one secret, or return None.

    Only keys that decrypted something are kept, so that junk cannot push them out; and a failure derives again what it
    took from memory, so that each costs the same.
    """
    salt = blob[:SALT_BYTES]
    names = dict.fromkeys((gcm_hash, hash))
    labels = {name: _label(secret, salt, name) for name in names}
    kept = {name: _derived.get(labels[name]) for name in names}
    keys = {name: kept[name] or derive_key(secret, salt, name) for name in names}
    text = _open_gcm(blob, keys[gcm_hash])
    if text is None:
        text = _open_cbc(blob, keys[hash])
    for name in names:
        if text is not None:
            _derived.put(labels[name], keys[name])
        elif kept[name]:
            derive_key(secret, salt, name)
    return text


def _open_gcm(blob: bytes, key: bytes) -> str | None:
    try:
        # AESGCM wants the tag last, the message has it first.
        return AESGCM(key).decrypt(blob[SALT_BYTES:_IV_END], blob[_TAG_END:] + blob[_IV_END:_TAG_END], None).decode()
    except (InvalidTag, UnicodeDecodeError):
        return None


def _open_cbc(blob: bytes, key: bytes) -> str | None:
    """Decrypt a message of the CBC layout, doing the same work whether length, padding or text is at fault."""
    end = len(blob) - (len(blob) - _IV_END) % BLOCK_BYTES
    decryptor = Cipher(AES256(key), CBC(blob[SALT_BYTES:_IV_END])).decryptor()
    padded = decryptor.update(blob[_IV_END:end]) + decryptor.finalize()
    unpadder = PKCS7(BLOCK_BYTES * 8).unpadder()
    is_whole = _has_whole_blocks(blob)
    try:
        plain = unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        plain, is_whole = padded, False
    try:
        text = plain.decode()
    except UnicodeDecodeError:
        return None
    return text if is_whole else None


def _has_whole_blocks(blob: bytes) -> bool:
    return (len(blob) - _IV_END) % BLOCK_BYTES == 0


def _unpack(message: str) -> bytes | None:
    """Decode canonical base64 of at least the shortest message, the only spelling that clients write."""
    try:
        blob = base64.b64decode(message, validate=True)
    except ValueError:
        return None
    return blob if len(blob) >= SHORTEST and base64.b64encode(blob).decode() == message else None


def _label(secret: str, salt: bytes, hash: str) -> bytes:
    """Name a derived key in memory without keeping its secret there."""
    return hashlib.blake2b(salt + hash.encode() + b"\0" + secret.encode(), key=_label_key).digest()


def _check(secret: str, *hashes: str) -> None:
    if not secret:
        raise MissingSecret
    for name in hashes:
        if name not in HASHES:
            raise ValueError(f"The hash of the key derivation is one of {', '.join(HASHES)}, not {name}.")


def _refusal() -> Undecryptable:
    return Undecryptable("The message cannot be decrypted. Encrypt it with this meeting's secret and send it again.")


def _present(obj: Mapping[str, object], fields: Collection[str]) -> list[str]:
    return [name for name in fields if obj.get(name) is not None]
