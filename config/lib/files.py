"""Django's storage as the apps use it: local files move in, and what no row names goes out."""

from collections.abc import Container, Iterator
from datetime import timedelta
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone

# A kill may leave a file between its storing and its commit; younger ones may still be about to be committed.
ORPHAN_AGE = timedelta(hours=6)


class MovableFile(File):  # type: ignore[type-arg]
    """A file that storage on the same disk may move instead of copying it."""

    def temporary_file_path(self) -> str:
        return str(self.name)


def keep(path: Path, name: str) -> str:
    """Put a finished local file into storage under `name`; returns the name that it got."""
    with path.open("rb") as file:
        return default_storage.save(name, MovableFile(file, name=str(path)))


def remove_orphans(named: Container[str], *folders: str) -> int:
    """Remove what lies in the folders below these and has none of the names; say how many that were."""
    removed = 0
    for name in _files_below(*folders):
        if name not in named and timezone.now() - default_storage.get_modified_time(name) > ORPHAN_AGE:
            default_storage.delete(name)
            removed += 1
    return removed


def _files_below(*folders: str) -> Iterator[str]:
    """Yield the names of what lies two levels down."""
    for top in folders:
        if not default_storage.exists(top):
            continue
        for inner in default_storage.listdir(top)[0]:
            for file in default_storage.listdir(f"{top}/{inner}")[1]:
                yield f"{top}/{inner}/{file}"
