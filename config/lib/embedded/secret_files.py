"""The secrets of an installation: made once, at its first start, and never changed by the program."""

import base64
import os
import secrets
from contextlib import suppress
from pathlib import Path

from config.lib.durable import sync_folder
from config.lib.embedded.layout import make_folders

NAMES = ("secret_key", "encryption_keys", "audit_key")
KEY_BYTES = 32


def ensure_secrets(data_dir: Path) -> None:
    """Make the secret files that are missing."""
    folder = make_folders(data_dir).secrets_dir
    for name in NAMES:
        if not (folder / name).exists():
            _write_once(folder / name, base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)))


def _write_once(path: Path, content: bytes) -> None:
    """Put a whole, durable file under a name that nothing has yet: a link, other than a rename, replaces nothing."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        path.hardlink_to(temporary)
    temporary.unlink()
    sync_folder(path.parent)
