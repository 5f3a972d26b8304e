"""The sound of a meeting as a plain ASGI application: ranged, conditional, and one block of it in memory at a time."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from email.utils import format_datetime

from django.core.files.storage import default_storage
from django.utils import timezone

from accounts import audit
from accounts.api.authentication import signed_in
from accounts.models import AuditEvent, User
from config.lib.asgi import Receive, Scope, Send, headers_of, in_thread, send_head, send_refusal
from config.lib.errors import DomainError, NotFound
from config.lib.ranges import Range, RangeNotSatisfiable, requested_range
from meetings import rules
from recordings.models import AudioMix

BLOCK = 256 * 1024
# Requests within this time of the first are the same listening.
LISTENING = timedelta(minutes=10)


class NoAudioYet(NotFound):
    """The tracks are still being mixed."""

    code = "no_audio_yet"


async def meeting_audio(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer `GET /m/:meetingId/audio`."""
    headers = headers_of(scope)
    try:
        mix = await in_thread(_find_mix, scope, headers)
        await _send_file(mix, headers, scope["method"], receive, send)
    except RangeNotSatisfiable as error:
        await send_refusal(send, error, {"content-range": f"bytes */{error.size}"})
    except DomainError as error:
        await send_refusal(send, error)


def _find_mix(scope: Scope, headers: Mapping[str, str]) -> AudioMix:
    user = signed_in(headers, method=scope["method"], scheme=scope.get("scheme", "http"))
    meeting_id, address = scope["path_params"]["meeting_id"], (scope.get("client") or ("",))[0]
    meeting = rules.readable(user, meeting_id)
    mix = AudioMix.objects.visible_to(user).filter(recording__meeting=meeting).exclude(file="").first()
    if mix is None:
        raise NoAudioYet("The sound of this meeting is not ready yet; try again in a moment.")
    _audit(user, meeting_id, address)
    return mix


def _audit(user: User, meeting_id: str, address: str) -> None:
    """Note the listening once: a player asks for many pieces, and any of them may be the first."""
    resource = {"meetingId": meeting_id, "fileName": "audio"}
    since = timezone.now() - LISTENING
    if not AuditEvent.objects.filter(user_id=user.pk, at__gt=since, action="GET", resource=resource).exists():
        audit.record("GET", by=user, resource=resource, address=address)


async def _send_file(mix: AudioMix, headers: Mapping[str, str], method: str, receive: Receive, send: Send) -> None:
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
    if _names(headers.get("if-none-match", ""), tag):
        await send_head(send, 304, fields)
        await send({"type": "http.response.body"})
        return
    # Ranges are for GET; and of a file that changed since, the parts that the client has do not fit.
    is_ranged = method == "GET" and headers.get("if-range", tag) == tag
    asked = requested_range(headers.get("range", ""), size) if is_ranged else None
    part = asked or Range(0, size)
    if asked:
        fields["content-range"] = f"bytes {part.start}-{part.end - 1}/{size}"
    fields["content-length"] = str(part.end - part.start)
    await send_head(send, 206 if asked else 200, fields)
    await _send_part(name, Range(0, 0) if method == "HEAD" else part, receive, send)


async def _send_part(name: str, part: Range, receive: Receive, send: Send) -> None:
    """Send the bytes, as long as somebody takes them: players hang up each time that somebody jumps."""
    gone = asyncio.create_task(_wait_for_hang_up(receive))
    file = await asyncio.to_thread(default_storage.open, name)
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
        await asyncio.to_thread(file.close)


async def _wait_for_hang_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _names(header: str, tag: str) -> bool:
    """Say whether an If-None-Match header names the tag; a proxy that compresses has made it a weak one."""
    return header.strip() == "*" or tag in [part.strip().removeprefix("W/") for part in header.split(",")]
