"""Sending recordings to `POST /meetings/import`, and looking for whatever a refusal left behind."""

from collections.abc import Iterable
from pathlib import Path

import httpx
from django.apps import apps
from django.conf import settings

from tests.asgi import call

BOUNDARY = "tertulia-boundary"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"

Part = tuple[str, bytes | None, bytes]


def field(name: str, value: str | bytes) -> Part:
    return name, None, value if isinstance(value, bytes) else value.encode()


def file(name: str | bytes, content: bytes) -> Part:
    return "file", name if isinstance(name, bytes) else name.encode(), content


def body_of(parts: Iterable[Part]) -> bytes:
    """Write a form byte by byte, so that a name may hold what no polite client would send."""
    written = []
    for name, file_name, content in parts:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        if file_name is not None:
            head += b'; filename="' + file_name + b'"'
        written.append(head + b"\r\n\r\n" + content + b"\r\n")
    return b"".join(written) + f"--{BOUNDARY}--\r\n".encode()


def post(headers: dict[str, str], parts: Iterable[Part], **request) -> httpx.Response:
    content = request.pop("content", None)
    return call(
        "POST",
        "/meetings/import",
        headers={"Content-Type": CONTENT_TYPE, **headers},
        content=body_of(parts) if content is None else content,
    )


def files_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def stored_files() -> list[str]:
    return files_below(Path(settings.STORAGES["default"]["OPTIONS"]["location"]))


def key_files() -> list[str]:
    return [name for name in files_below(settings.KEYS_DIR) if name.endswith(".key")]


def left_behind() -> dict[str, list[str]]:
    """List everything that an import makes, by where it is; the audit of the sign-in is not of the import."""
    rows = [
        f"{model._meta.label} {row.pk}"
        for model in apps.get_models()
        if model._meta.app_label in ("meetings", "recordings", "transcripts")
        for row in model._default_manager.all()
    ]
    staged = [path.name for path in settings.UPLOADS_DIR.iterdir()] if settings.UPLOADS_DIR.exists() else []
    return {"rows": rows, "stored": stored_files(), "keys": key_files(), "staged": staged}


NOTHING = {"rows": [], "stored": [], "keys": [], "staged": []}
