"""The sound of a meeting as a plain ASGI application."""

from accounts import audit
from accounts.api.authentication import caller_of
from config.lib.asgi import Receive, Scope, Send, in_thread, send_refusal
from config.lib.errors import DomainError, NotFound
from config.lib.sending import StoredFile, send_file
from meetings import rules
from recordings.models import AudioMix


class NoAudioYet(NotFound):
    """The tracks are still being mixed."""

    code = "no_audio_yet"


async def meeting_audio(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer `GET /m/:meetingId/audio`."""
    try:
        mix = await in_thread(_find_mix, scope)
    except DomainError as error:
        await send_refusal(send, error)
        return
    await send_file(StoredFile(str(mix.file.name), "audio/mp4", mix.finished_at), scope, receive, send)


def _find_mix(scope: Scope) -> AudioMix:
    user = caller_of(scope, rate="RATE_DEFAULT")
    meeting_id = scope["path_params"]["meeting_id"]
    meeting = rules.readable(user, meeting_id)
    mix = AudioMix.objects.visible_to(user).filter(recording__meeting=meeting).exclude(file="").first()
    if mix is None:
        raise NoAudioYet("The sound of this meeting is not ready yet; try again in a moment.")
    audit.record_once("GET", by=user, resource={"meetingId": meeting_id, "fileName": "audio"})
    return mix
