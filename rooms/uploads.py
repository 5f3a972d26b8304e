"""`POST /room/:roomId/upload` as a plain ASGI application: nothing is read before the caller is known, and nothing
stays of what is refused."""

from concurrent.futures import ThreadPoolExecutor

from accounts.api.authentication import caller_of
from accounts.models import User
from config.lib import staging
from config.lib.asgi import Body, ClientGone, Receive, Scope, Send, headers_of, in_thread, refuse_body, send_json
from config.lib.errors import DomainError
from config.lib.multipart import MultipartForm
from rooms import rules
from rooms.actions import files
from rooms.api.files import UPLOADED
from rooms.api.serializers import uploaded_file
from rooms.exceptions import FileTooLarge, NoFile, TooManyFiles
from rooms.models import Room
from rooms.reading import NamedFile

# Threads of their own, because a virus scanner may take its time: in the threads that all share, a few uploads at once
# would stop every download.
CHECKS = ThreadPoolExecutor(4, thread_name_prefix="file-check")


async def room_upload(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 200 with what became of the file, or refuse with one sentence and keep nothing."""
    body = Body(receive)
    try:
        user, room = await in_thread(_allowed, scope)
        with staging.folder() as folder:
            form = RoomFileForm(folder, headers_of(scope), max_bytes=rules.most_bytes(room))
            await form.read(body)
            file = await in_thread(_take_in, room, form, user, pool=CHECKS)
    except ClientGone:
        return
    except DomainError as error:
        await refuse_body(send, error, body)
        return
    await send_json(send, 200, {"success": True, "data": uploaded_file(file), "msg": UPLOADED})


def _allowed(scope: Scope) -> tuple[User, Room]:
    user = caller_of(scope, rate="RATE_FILES")
    room = rules.content_room(user, scope["path_params"]["room_id"])
    rules.check_upload(user, room)
    return user, room


def _take_in(room: Room, form: "RoomFileForm", user: User) -> NamedFile:
    # A browser sends a part without name and content where nothing was chosen.
    if not form.files or not (form.files[0].file_name or form.files[0].size):
        raise NoFile
    return files.take_in(room=room, staged=form.files[0], by=user)


class RoomFileForm(MultipartForm):
    """One file; the name of its field is not looked at."""

    def too_large(self) -> DomainError:
        return FileTooLarge(self._max_bytes)

    def too_many(self) -> DomainError:
        return TooManyFiles()
