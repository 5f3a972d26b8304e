"""What makes a file outlive a power cut."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make a name that was written into the folder durable: syncing the file alone does not."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
