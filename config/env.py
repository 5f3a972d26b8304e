"""Typed readers for settings: the environment first, then the file that CONFIG_FILE names."""

import os
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.lib.rates import is_rate


@cache
def _file_values() -> dict[str, str]:
    """Values of the TOML file: its tables only group, so `[auth] login_open = true` sets LOGIN_OPEN."""
    path = os.environ.get("CONFIG_FILE")
    if not path:
        return {}
    try:
        tables = tomllib.loads(Path(path).read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ImproperlyConfigured(f"CONFIG_FILE {path} cannot be read: {error}") from error
    flat: dict[str, str] = {}
    for key, value in tables.items():
        for name, entry in value.items() if isinstance(value, dict) else [(key, value)]:
            flat[name.upper()] = ",".join(map(str, entry)) if isinstance(entry, list) else str(entry)
    return flat


def _raw(name: str) -> str | None:
    value = os.environ.get(name)
    return value if value not in (None, "") else _file_values().get(name)


def env_str(name: str, default: str = "") -> str:
    return _raw(name) or default


def env_bool(name: str, default: bool) -> bool:
    """Read a switch. Only `True` and `False` count, in any case, so that a typing error never means no."""
    value = _raw(name)
    if value is None:
        return default
    if value.lower() not in ("true", "false"):
        raise ImproperlyConfigured(f"{name} must be True or False, not {value!r}")
    return value.lower() == "true"


def env_int(name: str, default: int) -> int:
    value = _raw(name)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from error


def env_rate(name: str, default: str) -> str:
    """Read a limit such as 10/5m: calls in so many seconds, minutes, hours or days."""
    value = _raw(name) or default
    if not is_rate(value):
        raise ImproperlyConfigured(f"{name} must be written as 10/m or 10/5m, not {value!r}")
    return value


def env_list(name: str, default: Sequence[str] = ()) -> list[str]:
    value = _raw(name)
    return list(default) if value is None else [part.strip() for part in value.split(",") if part.strip()]


def env_path(name: str, default: Path) -> Path:
    value = _raw(name)
    return Path(value).expanduser().absolute() if value else default


def env_secret(name: str, file: Path | None) -> str:
    """Read a secret from NAME, from the file that NAME_FILE names, or from the one that the first start made.

    A secret that no start makes (`file` None) may be left out.
    """
    value = _raw(name)
    if value:
        return value
    named = _raw(f"{name}_FILE")
    source = Path(named) if named else file
    if source is None:
        return ""
    try:
        return source.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name} is not set and {source} cannot be read: set {name} or {name}_FILE, or let `serve` make it"
        ) from error
