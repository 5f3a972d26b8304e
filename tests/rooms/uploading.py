"""Putting files into rooms, and looking for whatever a refusal left behind."""

import asyncio
from pathlib import Path

import httpx
from django.conf import settings

from accounts.models import User
from config.asgi import application
from config.lib import staging
from config.lib.staging import StagedWriter
from rooms.actions import files
from rooms.models import Room, RoomFile
from rooms.reading import NamedFile
from tests.asgi import bearer, call

TEXT = b"Only a few words.\n"
BOUNDARY = "room-boundary"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def put(room: Room, user: User, name: str, content: bytes = TEXT) -> NamedFile:
    """Put a file into a room, past all that speaks HTTP."""
    with staging.folder() as folder, StagedWriter(folder / "0", name) as writer:
        writer.write(content)
        return files.take_in(room=room, staged=writer.finish(), by=user)


def post(room: Room, user: User | None, name: str, content: bytes = TEXT, **request) -> httpx.Response:
    headers = {**(bearer(user) if user else {}), **request.pop("headers", {})}
    given = request or {"files": {"file": (name, content)}}
    return call("POST", f"/room/{room.pk}/upload", headers=headers, **given)


def refused(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()
    assert body["success"] is False
    return answer.status_code, body["code"]


def part(name: bytes, content: bytes = TEXT, field: str = "file") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="'.encode()
    return head + name + b'"\r\n\r\n' + content + b"\r\n"


def form(*parts: bytes) -> dict:
    return {"headers": FORM, "content": b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()}


def merged(headers: dict[str, str], request: dict) -> dict:
    return {**request, "headers": {**headers, **request["headers"]}}


def hung_up(room: Room, user: User, *bodies: bytes, length: int | None = None) -> tuple[list[dict], int]:
    """Send parts of an upload and hang up; give what is answered, and how often more was asked for."""
    messages = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    messages.append({"type": "http.disconnect"})
    sent: list[dict] = []
    reads = 0

    async def receive() -> dict:
        nonlocal reads
        reads += 1
        return messages[min(reads, len(messages)) - 1]

    async def send(message: dict) -> None:
        sent.append(message)

    headers = {**bearer(user), **FORM, **({"Content-Length": str(length)} if length else {})}
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/room/{room.pk}/upload",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "scheme": "http",
        "client": ("127.0.0.1", 1),
    }
    asyncio.run(application(scope, receive, send))
    return sent, reads


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
