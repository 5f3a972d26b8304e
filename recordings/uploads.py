"""`POST /meetings/import` as a plain ASGI application: nothing is read before the caller is known, and nothing stays of
what is refused."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from accounts.api.authentication import caller_of
from accounts.models import User
from config.lib import staging
from config.lib.asgi import Body, ClientGone, Receive, Scope, Send, headers_of, in_thread, refuse_body, send_json
from config.lib.errors import DomainError
from config.lib.multipart import BadForm, MultipartForm
from meetings.models import Meeting
from meetings.names import clean_name
from recordings import actions, media, rules
from recordings.actions import MAX_TRACKS, StagedTrack
from recordings.exceptions import TooLarge, TooManyParts

# Threads of their own, because checking a file may take minutes: in the threads that all share, a few imports at once
# would stop every sound and every other upload. More than two at a time would only slow each other down.
CHECKS = ThreadPoolExecutor(2, thread_name_prefix="import-check")
OFFSET = re.compile(r"\d{1,6}([.,]\d{1,3})?")


async def import_meeting(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 202 with the meeting that the files become, or refuse with one sentence and keep nothing."""
    body = Body(receive)
    try:
        user = await in_thread(_authenticated, scope)
        with staging.folder() as folder:
            form = ImportForm(folder, headers_of(scope), max_bytes=settings.UPLOAD_MAX_BYTES)
            await form.read(body)
            meeting = await in_thread(_take_in, user, form, pool=CHECKS)
    except ClientGone:
        return
    except DomainError as error:
        await refuse_body(send, error, body)
        return
    await send_json(send, 202, {"success": True, "data": {"meetingId": meeting.pk, "state": "queued", "progress": 0}})


def _authenticated(scope: Scope) -> User:
    user = caller_of(scope, rate="RATE_DEFAULT")
    rules.check_import(user)
    return user


def _take_in(user: User, form: "ImportForm") -> Meeting:
    tracks = [_checked_track(number, form) for number in range(len(form.files))]
    return actions.import_meeting(title=form.title, host=user, tracks=tracks, by=user)


def _checked_track(number: int, form: "ImportForm") -> StagedTrack:
    file = form.files[number]
    with _about_file(number):
        speaker, offset_ms = clean_name(form.speaker(number)), form.offset_ms(number)
        return StagedTrack(speaker, offset_ms, file, media.probe(file.path, name=file.file_name))


@contextmanager
def _about_file(number: int) -> Iterator[None]:
    """Say with a refusal which file it is about."""
    try:
        yield
    except DomainError as error:
        error.facts = {f"files.{number}": [error.message]}
        raise


class ImportForm(MultipartForm):
    """`title` once; `name` and `offset` (seconds) as often as there are files, the first of each for the first file and
    so on, wherever they stand."""

    field_names = ("title", "name", "offset")
    max_files = MAX_TRACKS
    max_parts = 1 + 3 * MAX_TRACKS

    @property
    def title(self) -> str:
        return (self.fields["title"] or [""])[0]

    def speaker(self, number: int) -> str:
        """Give the name for the file of this number; without one, the file's name before its ending."""
        named = self.fields["name"][number : number + 1]
        return named[0] if named and named[0].strip() else Path(self.files[number].file_name).stem[:100]

    def offset_ms(self, number: int) -> int:
        text = (self.fields["offset"][number : number + 1] or ["0"])[0].strip() or "0"
        if not OFFSET.fullmatch(text):
            raise BadForm(f"The start of file {number + 1} must be seconds such as 12.5, not {text[:20]!r}.")
        return round(float(text.replace(",", ".")) * 1000)

    def too_large(self) -> DomainError:
        return TooLarge(settings.UPLOAD_MAX_BYTES)

    def too_many(self) -> DomainError:
        return TooManyParts(f"One import takes at most {MAX_TRACKS} files.")

    def check_file(self, number: int, name: str) -> None:
        with _about_file(number):
            media.check_file_name(name)
