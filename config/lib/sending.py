"""Sending a stored file from a plain ASGI application: ranged, conditional, and one block of it in memory at a time."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from django.core.files import File
from django.core.files.storage import default_storage

from config.lib.asgi import Receive, Scope, Send, headers_of, send_head, send_refusal
from config.lib.errors import NotFound
from config.lib.ranges import Range, RangeNotSatisfiable, requested_range

BLOCK = 256 * 1024


@dataclass(frozen=True)
class StoredFile:
    """A file in storage, which never changes under its name, and what the answer says of it."""

    name: str
    content_type: str
    changed_at: datetime | None
    disposition: str = ""

    @property
    def tag(self) -> str:
        return f'"{self.name.rsplit("/", 1)[-1]}"'

    @property
    def fields(self) -> dict[str, str]:
        fields = {
            "accept-ranges": "bytes",
            "etag": self.tag,
            "cache-control": "private, max-age=0, must-revalidate",
            "content-type": self.content_type,
        }
        if self.changed_at:
            fields["last-modified"] = format_datetime(self.changed_at, usegmt=True)
        if self.disposition:
            fields["content-disposition"] = self.disposition
        return fields


async def send_file(file: StoredFile, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer GET or HEAD with the file or the part of it that is asked for.

    It is 304 where the client has it, 416 where there is no such part, 404 where it was deleted meanwhile.
    """
    try:
        stored = await asyncio.to_thread(default_storage.open, file.name)
    except FileNotFoundError:
        await send_refusal(send, NotFound("The file was deleted a moment ago."))
        return
    try:
        await _send_open(file, stored, scope, receive, send)
    finally:
        await asyncio.to_thread(stored.close)


async def _send_open(file: StoredFile, stored: "File[bytes]", scope: Scope, receive: Receive, send: Send) -> None:
    # Asked of the open file: by its name it may be gone already.
    size = await asyncio.to_thread(stored.seek, 0, os.SEEK_END)
    headers = headers_of(scope)
    if _names(headers.get("if-none-match", ""), file.tag):
        await send_head(send, 304, file.fields)
        await send({"type": "http.response.body"})
        return
    try:
        asked = _asked(headers, scope["method"], file.tag, size)
    except RangeNotSatisfiable as error:
        await send_refusal(send, error, {"content-range": f"bytes */{error.size}"})
        return
    part = asked or Range(0, size)
    fields = {**file.fields, "content-length": str(part.end - part.start)}
    if asked:
        fields["content-range"] = f"bytes {part.start}-{part.end - 1}/{size}"
    await send_head(send, 206 if asked else 200, fields)
    await _send_part(stored, Range(0, 0) if scope["method"] == "HEAD" else part, receive, send)


def _asked(headers: Mapping[str, str], method: str, tag: str, size: int) -> Range | None:
    """Ranges are for GET; and of a file that changed since, the parts that the client has do not fit."""
    is_ranged = method == "GET" and headers.get("if-range", tag) == tag
    return requested_range(headers.get("range", ""), size) if is_ranged else None


async def _send_part(file: "File[bytes]", part: Range, receive: Receive, send: Send) -> None:
    """Send the bytes, as long as somebody takes them: players hang up each time that somebody jumps."""
    gone = asyncio.create_task(_wait_for_hang_up(receive))
    try:
        await asyncio.to_thread(file.seek, part.start)
        left = part.end - part.start
        while left > 0 and not gone.done():
            block = await asyncio.to_thread(file.read, min(BLOCK, left))
            if not block:
                break
            left -= len(block)
            await send({"type": "http.response.body", "body": block, "more_body": True})
        await send({"type": "http.response.body"})
    finally:
        gone.cancel()


async def _wait_for_hang_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _names(header: str, tag: str) -> bool:
    """Say whether an If-None-Match header names the tag; a proxy that compresses has made it a weak one."""
    return header.strip() == "*" or tag in [part.strip().removeprefix("W/") for part in header.split(",")]
