"""The sound of a meeting as a plain ASGI application."""

from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone

from accounts import audit, limits
from accounts.api.authentication import signed_in
from accounts.clients import client_of_scope
from accounts.models import AuditEvent, User
from config.lib.asgi import Receive, Scope, Send, headers_of, in_thread, send_refusal
from config.lib.errors import DomainError, NotFound
from config.lib.sending import StoredFile, send_file
from meetings import rules
from recordings.models import AudioMix

# Requests within this time of the first are the same listening.
LISTENING = timedelta(minutes=10)


class NoAudioYet(NotFound):
    """The tracks are still being mixed."""

    code = "no_audio_yet"


async def meeting_audio(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer `GET /m/:meetingId/audio`."""
    try:
        mix = await in_thread(_find_mix, scope, headers_of(scope))
    except DomainError as error:
        await send_refusal(send, error)
        return
    await send_file(StoredFile(str(mix.file.name), "audio/mp4", mix.finished_at), scope, receive, send)


def _find_mix(scope: Scope, headers: Mapping[str, str]) -> AudioMix:
    user = signed_in(headers, method=scope["method"], scheme=scope["scheme"])
    meeting_id, address = scope["path_params"]["meeting_id"], client_of_scope(scope).address
    limits.check("RATE_DEFAULT", by=user, address=address)
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
