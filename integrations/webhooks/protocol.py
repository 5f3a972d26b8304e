"""The wire form of a delivery, in the manner of Standard Webhooks 1.0: secrets, the body, the signature."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

import orjson

from config.lib.times import iso

SECRET_PREFIX = "whsec_"  # noqa: S105 - the mark of a secret, and not one
SECRET_BYTES = 32
SIGNATURE_VERSION = "v1"
# How far a receiver lets the time of a delivery be from its own clock, in seconds.
TOLERANCE_SECONDS = 300


class Envelope(TypedDict):
    """The body of a delivery."""

    type: str
    timestamp: str
    sequence: int
    subscriptionId: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Message:
    """One event as a subscription hears of it; the body is the same at each attempt."""

    id: str
    type: str
    timestamp: datetime
    sequence: int
    subscription_id: str
    data: dict[str, Any]

    @property
    def envelope(self) -> Envelope:
        return {
            "type": self.type,
            "timestamp": str(iso(self.timestamp)),
            "sequence": self.sequence,
            "subscriptionId": self.subscription_id,
            "data": self.data,
        }

    @property
    def body(self) -> bytes:
        return orjson.dumps(self.envelope)


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """Sign `id.timestamp.body` with HMAC-SHA-256; give it with its version, as one entry of the header.

    Raises:
        ValueError: the secret is not `whsec_` and base64.
    """
    signed = b".".join([message_id.encode(), str(timestamp).encode(), body])
    digest = hmac.new(_key_of(secret), signed, hashlib.sha256).digest()
    return f"{SIGNATURE_VERSION},{base64.b64encode(digest).decode()}"


def headers(secrets_: Sequence[str], *, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Make the three headers of a delivery; while a secret is exchanged both sign, so that either one verifies."""
    signatures = [sign(secret, message_id=message_id, timestamp=timestamp, body=body) for secret in secrets_]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def verify(secret: str, given: Mapping[str, str], body: bytes, *, now: int) -> bool:
    """Say whether a delivery is genuine and recent, as a receiver does; `given` are headers by lower-case name.

    Signatures are compared in constant time, so that nobody guesses one digit by digit.
    """
    message_id, timestamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    is_recent = timestamp.isascii() and timestamp.isdigit() and abs(now - int(timestamp)) <= TOLERANCE_SECONDS
    if not message_id or not is_recent:
        return False
    expected = sign(secret, message_id=message_id, timestamp=int(timestamp), body=body).encode()
    entries = given.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected, entry.encode()) for entry in entries)


def _key_of(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("A webhook secret is whsec_ and base64.") from error
    if not secret.startswith(SECRET_PREFIX) or not key:
        raise ValueError("A webhook secret is whsec_ and base64.")
    return key
