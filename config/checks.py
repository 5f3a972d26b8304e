"""System checks of settings that make sense only together."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import maxminddb
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from config.lib import proxies


@register()
def encryption_keys_are_sound(app_configs: object, **kwargs: Any) -> Sequence[CheckMessage]:
    """Each of ENCRYPTION_KEYS is 32 bytes in base64url; the first one wraps."""
    bad = [number for number, key in enumerate(settings.ENCRYPTION_KEYS, 1) if not _is_key(key)]
    if settings.ENCRYPTION_KEYS and not bad:
        return []
    return [
        Error(
            f"ENCRYPTION_KEYS: key {bad[0] if bad else 1} is not 32 bytes in base64url.",
            hint="Make one with: openssl rand -base64 32 | tr '+/' '-_'",
            id="config.E001",
        )
    ]


@register()
def plan_is_known(app_configs: object, **kwargs: Any) -> Sequence[CheckMessage]:
    if settings.DEFAULT_PLAN in ("essential", "professional"):
        return []
    return [Error("DEFAULT_PLAN must be essential or professional.", id="config.E002")]


@register()
def proxies_are_addresses(app_configs: object, **kwargs: Any) -> Sequence[CheckMessage]:
    """TRUSTED_PROXIES and WEBHOOK_ALLOWED_NETWORKS hold addresses and networks: names would have to be looked up."""
    return [
        Error(f"{name}: {text!r} is no address and no network such as 10.0.0.0/8.", id="config.E003")
        for name in ("TRUSTED_PROXIES", "WEBHOOK_ALLOWED_NETWORKS")
        for text in getattr(settings, name)
        if not _is_network(text)
    ]


@register()
def audit_is_sound(app_configs: object, **kwargs: Any) -> Sequence[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.AUDIT_LEVEL not in ("all", "changes"):
        found.append(Error("AUDIT_LEVEL must be all or changes.", id="config.E004"))
    if settings.AUDIT_RETENTION_DAYS < 0:
        found.append(Error("AUDIT_RETENTION_DAYS must be 0, which is for ever, or more.", id="config.E005"))
    return found


def _is_network(text: str) -> bool:
    try:
        return bool(proxies.networks((text,)))
    except ValueError:
        return False


@register()
def wire_hashes_are_known(app_configs: object, **kwargs: Any) -> Sequence[CheckMessage]:
    names = {"WIRE_PBKDF2_HASH": settings.WIRE_PBKDF2_HASH, "LEGACY_GCM_HASH": settings.LEGACY_GCM_HASH}
    return [
        Error(f"{name} must be sha256, sha1 or sha512.", id="config.E009")
        for name, value in names.items()
        if value not in ("sha256", "sha1", "sha512")
    ]


@register()
def places_can_be_found(app_configs: object, **kwargs: Any) -> Sequence[CheckMessage]:
    """GEOIP_PATH, where it is set, names a database that knows cities."""
    if not settings.GEOIP_PATH:
        return []
    try:
        with maxminddb.open_database(settings.GEOIP_PATH) as database:
            kind = database.metadata().database_type
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        kind = f"unreadable ({type(error).__name__})"
    if "City" in kind or "Enterprise" in kind:
        return []
    return [
        Error(
            f"GEOIP_PATH must name a MaxMind database of cities; {settings.GEOIP_PATH} is {kind}.",
            hint="Download GeoLite2-City.mmdb from MaxMind, or leave GEOIP_PATH empty.",
            id="config.E007",
        )
    ]


@register()
def scanner_has_an_address(app_configs: object, **kwargs: Any) -> Sequence[CheckMessage]:
    """CLAMD_URL is tcp://host:port or the path of a socket: with anything else no file would ever be taken."""
    if not settings.CLAMD_URL or settings.CLAMD_URL.startswith(("tcp://", "unix:///", "/")):
        return []
    return [Error("CLAMD_URL must be tcp://host:port or the absolute path of a socket.", id="config.E008")]


def _is_key(text: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))) == 32
    except (binascii.Error, ValueError):
        return False
