"""Putting files into rooms, and looking for whatever a refusal left behind."""

from pathlib import Path

import httpx
from django.conf import settings

from accounts.models import User
from config.lib import staging
from config.lib.staging import StagedWriter
from rooms.actions import files
from rooms.models import Room, RoomFile
from rooms.reading import NamedFile
from tests.asgi import bearer, call

TEXT = b"Only a few words.\n"


def put(room: Room, user: User, name: str, content: bytes = TEXT) -> NamedFile:
    """Put a file into a room, past all that speaks HTTP."""
    with staging.folder() as folder, StagedWriter(folder / "0", name) as writer:
        writer.write(content)
        return files.take_in(room=room, staged=writer.finish(), by=user)


def post(room: Room, user: User | None, name: str, content: bytes = TEXT, **request) -> httpx.Response:
    headers = {**(bearer(user) if user else {}), **request.pop("headers", {})}
    given = request or {"files": {"file": (name, content)}}
    return call("POST", f"/room/{room.pk}/upload", headers=headers, **given)


def left_behind() -> dict[str, list[str]]:
    """List everything that an upload makes, by where it is."""
    stored = Path(settings.STORAGES["default"]["OPTIONS"]["location"]) / "documents"
    staged = [path.name for path in settings.UPLOADS_DIR.iterdir()] if settings.UPLOADS_DIR.exists() else []
    return {
        "rows": list(RoomFile.objects.values_list("pk", flat=True)),
        "stored": [path.name for path in stored.rglob("*") if path.is_file()],
        "staged": staged,
    }


NOTHING = {"rows": [], "stored": [], "staged": []}
