"""The sound of a meeting as a plain ASGI application: ranged, conditional, and one block of it in memory at a time."""

import asyncio
from collections.abc import Mapping
from email.utils import format_datetime

from django.core.files.storage import default_storage

from accounts import audit
from accounts.api.authentication import signed_in
from config.lib.asgi import Receive, Scope, Send, headers_of, in_thread, send_head, send_refusal
from config.lib.errors import DomainError, NotFound
from config.lib.ranges import Range, RangeNotSatisfiable, requested_range
from meetings import rules
from recordings.models import AudioMix

BLOCK = 256 * 1024


class NoAudioYet(NotFound):
    """The tracks are still being mixed."""

    code = "no_audio_yet"


async def meeting_audio(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer `GET /m/:meetingId/audio`."""
    headers = headers_of(scope)
    try:
        mix = await in_thread(_find_mix, headers, scope["method"], scope["path_params"]["meeting_id"])
        await _send_file(mix, headers, scope["method"], send)
    except RangeNotSatisfiable as error:
        await send_refusal(send, error, {"content-range": f"bytes */{error.size}"})
    except DomainError as error:
        await send_refusal(send, error)


def _find_mix(headers: Mapping[str, str], method: str, meeting_id: str) -> AudioMix:
    user = signed_in(headers, method=method)
    meeting = rules.readable(user, meeting_id)
    mix = AudioMix.objects.visible_to(user).filter(recording__meeting=meeting).exclude(file="").first()
    if mix is None:
        raise NoAudioYet("The sound of this meeting is not ready yet; try again in a moment.")
    if not headers.get("range") or headers["range"].startswith("bytes=0-"):
        # A player asks for many pieces of one listening; its first request stands for all.
        audit.record("GET", by=user, resource={"meetingId": meeting_id, "fileName": "audio"})
    return mix


async def _send_file(mix: AudioMix, headers: Mapping[str, str], method: str, send: Send) -> None:
    name = str(mix.file.name)
    size = await asyncio.to_thread(default_storage.size, name)
    tag = f'"{name.rsplit("/", 1)[-1]}"'
    fields = {
        "accept-ranges": "bytes",
        "etag": tag,
        "cache-control": "private, max-age=0, must-revalidate",
        "content-type": "audio/mp4",
    }
    if mix.finished_at:
        fields["last-modified"] = format_datetime(mix.finished_at, usegmt=True)
    if headers.get("if-none-match") == tag:
        await send_head(send, 304, fields)
        await send({"type": "http.response.body"})
        return
    whole = Range(0, size)
    part = whole if headers.get("if-range", tag) != tag else requested_range(headers.get("range", ""), size)
    if part != whole or headers.get("range"):
        fields["content-range"] = f"bytes {part.start}-{part.end - 1}/{size}"
    fields["content-length"] = str(part.end - part.start)
    await send_head(send, 206 if "content-range" in fields else 200, fields)
    await _send_part(name, Range(0, 0) if method == "HEAD" else part, send)


async def _send_part(name: str, part: Range, send: Send) -> None:
    file = await asyncio.to_thread(default_storage.open, name)
    try:
        await asyncio.to_thread(file.seek, part.start)
        left = part.end - part.start
        while left > 0:
            block = await asyncio.to_thread(file.read, min(BLOCK, left))
            if not block:
                break
            left -= len(block)
            await send({"type": "http.response.body", "body": block, "more_body": True})
        await send({"type": "http.response.body"})
    finally:
        await asyncio.to_thread(file.close)
