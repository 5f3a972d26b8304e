"""The door between Django's storage and programs that need a file on this machine."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj

from django.core.files import File
from django.core.files.storage import default_storage
from django.db.models.fields.files import FieldFile


class MovableFile(File):  # type: ignore[type-arg]
    """A file that storage on the same disk may move instead of copying it."""

    def temporary_file_path(self) -> str:
        return str(self.name)


def keep(path: Path, name: str) -> str:
    """Put a finished local file into storage under `name`; returns the name that it got."""
    with path.open("rb") as file:
        return default_storage.save(name, MovableFile(file, name=str(path)))


def files_below(*folders: str) -> Iterator[str]:
    """Yield the names of what lies two levels down: in the folders of recordings below these."""
    for top in folders:
        if not default_storage.exists(top):
            continue
        for recording in default_storage.listdir(top)[0]:
            for file in default_storage.listdir(f"{top}/{recording}")[1]:
                yield f"{top}/{recording}/{file}"


@contextmanager
def local(file: FieldFile) -> Iterator[Path]:
    """Lend the stored file as a path on this machine, fetching it first where storage is elsewhere."""
    try:
        path = Path(file.path)
    except NotImplementedError:
        with tempfile.NamedTemporaryFile() as copy, file.storage.open(str(file.name)) as stored:
            copyfileobj(stored, copy)
            copy.flush()
            yield Path(copy.name)
    else:
        yield path
