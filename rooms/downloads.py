"""`GET /documents/:roomId/:filename` as a plain ASGI application: always an attachment, so that no browser runs it."""

from django.utils.http import content_disposition_header

from accounts.api.authentication import caller_of
from config.lib.asgi import Receive, Scope, Send, in_thread, send_refusal
from config.lib.errors import DomainError
from config.lib.sending import StoredFile, send_file
from rooms import reading, rules
from rooms.actions import files


async def room_document(scope: Scope, receive: Receive, send: Send) -> None:
    try:
        file = await in_thread(_find, scope)
    except DomainError as error:
        await send_refusal(send, error)
        return
    await send_file(file, scope, receive, send)


def _find(scope: Scope) -> StoredFile:
    asked = scope["path_params"]
    user = caller_of(scope, rate="RATE_FILES")
    room = rules.content_room(user, asked["room_id"])
    found = reading.find_file(room, asked["filename"])
    files.note_reading(room=room, file=found.row, by=user)
    return StoredFile(
        name=found.row.stored_name,
        content_type=found.row.content_type,
        changed_at=found.row.created_at,
        disposition=content_disposition_header(True, found.name) or "",
    )
