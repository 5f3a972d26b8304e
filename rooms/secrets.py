"""Secrets that are shown once, such as invitations: 128 random bits, of which only the SHA-256 is kept."""

import hashlib
import secrets

_BYTES = 16


def new_secret() -> str:
    return secrets.token_urlsafe(_BYTES)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
