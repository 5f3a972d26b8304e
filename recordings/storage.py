"""The door between Django's storage and programs that need a file on this machine."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj

from django.db.models.fields.files import FieldFile


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
