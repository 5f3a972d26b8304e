"""`POST /meetings/import` as a plain ASGI application: nothing is read before the caller is known, and nothing stays of
what is refused."""

import asyncio
import errno
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from accounts.api.authentication import signed_in
from accounts.models import User
from config.lib.asgi import (
    Body,
    ClientGone,
    Receive,
    Scope,
    Send,
    declared_length,
    headers_of,
    in_thread,
    refuse_body,
    send_json,
)
from config.lib.errors import DomainError
from meetings.models import Meeting
from meetings.names import clean_name
from recordings import actions, media, rules, staging
from recordings.actions import MAX_TRACKS, StagedTrack
from recordings.exceptions import BadForm, StorageFull, TooLarge, TooManyParts
from recordings.staging import StagedFile, StagedWriter

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

# Bodies are handed to the parser in blocks of this size: one hop to a thread each.
BLOCK = 1024 * 1024
FIELD_MAX_BYTES = 1000
# What a body may have beside its files: fields, headers of parts, boundaries.
FORM_MAX_BYTES = 2**20
MALFORMED = "The body is not multipart/form-data as it says; nothing was kept."
# Threads of their own, because checking a file may take minutes: in the threads that all share, a few imports at once
# would stop every sound and every other upload. More than two at a time would only slow each other down.
CHECKS = ThreadPoolExecutor(2, thread_name_prefix="import-check")
OFFSET = re.compile(r"\d{1,6}([.,]\d{1,3})?")


async def import_meeting(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 202 with the meeting that the files become, or refuse with one sentence and keep nothing."""
    headers = headers_of(scope)
    body = Body(receive)
    try:
        user = await in_thread(_authenticated, headers, scope.get("scheme", "http"))
        _check_length(headers)
        with staging.folder() as folder:
            form = _form(headers, folder)
            await _read(body, form)
            meeting = await in_thread(_take_in, user, form, pool=CHECKS)
    except ClientGone:
        return
    except DomainError as error:
        await refuse_body(send, error, body)
        return
    await send_json(send, 202, {"success": True, "data": {"meetingId": meeting.pk, "state": "queued", "progress": 0}})


def _authenticated(headers: Mapping[str, str], scheme: str) -> User:
    user = signed_in(headers, method="POST", scheme=scheme)
    rules.check_import(user)
    return user


def _check_length(headers: Mapping[str, str]) -> None:
    if declared_length(headers) > settings.UPLOAD_MAX_BYTES + FORM_MAX_BYTES:
        raise TooLarge(settings.UPLOAD_MAX_BYTES)


def _form(headers: Mapping[str, str], folder: Path) -> "ImportForm":
    kind, options = parse_options_header(headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise BadForm("Send the files as multipart/form-data with a boundary.")
    try:
        return ImportForm(folder, options[b"boundary"])
    except FormParserError as error:
        raise BadForm(MALFORMED) from error


async def _read(body: Body, form: "ImportForm") -> None:
    """Feed the body to the form with back-pressure: the next block is asked for when this one is on disk."""
    gathered = bytearray()
    try:
        async for part in body.parts():
            gathered += part
            if len(gathered) >= BLOCK:
                await asyncio.to_thread(form.feed, bytes(gathered))
                gathered.clear()
        await asyncio.to_thread(form.feed, bytes(gathered))
        form.finish()
    except FormParserError as error:
        raise BadForm(MALFORMED) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull from error
        raise
    finally:
        form.close()


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


class ImportForm:
    """The fields and files of one multipart body, as far as they have come.

    `title` once; `name` and `offset` (seconds) as often as there are files, the first of each for the first file and so
    on, wherever they stand; any part with a file name is a file.
    """

    def __init__(self, folder: Path, boundary: bytes) -> None:
        self.files: list[StagedFile] = []
        self._fields: dict[str, list[str]] = {"title": [], "name": [], "offset": []}
        self._folder = folder
        self._writer: StagedWriter | None = None
        self._headers: dict[str, bytes] = {}
        self._header_name = self._header_value = self._text = b""
        self._field = ""
        self._parts = self._bytes = self._received = 0
        self._parser = MultipartParser(boundary, self._callbacks())
        self._is_whole = False

    @property
    def title(self) -> str:
        return (self._fields["title"] or [""])[0]

    def speaker(self, number: int) -> str:
        """Give the name for the file of this number; without one, the file's name before its ending."""
        named = self._fields["name"][number : number + 1]
        return named[0] if named and named[0].strip() else Path(self.files[number].file_name).stem[:100]

    def offset_ms(self, number: int) -> int:
        text = (self._fields["offset"][number : number + 1] or ["0"])[0].strip() or "0"
        if not OFFSET.fullmatch(text):
            raise BadForm(f"The start of file {number + 1} must be seconds such as 12.5, not {text[:20]!r}.")
        return round(float(text.replace(",", ".")) * 1000)

    def feed(self, part: bytes) -> None:
        # Also what is no file's content: headers and what follows the last boundary could go on without end.
        self._received += len(part)
        if self._received > settings.UPLOAD_MAX_BYTES + FORM_MAX_BYTES:
            raise TooLarge(settings.UPLOAD_MAX_BYTES)
        self._parser.write(part)

    def finish(self) -> None:
        """Say that the body is over; a body cut off in the middle is refused."""
        self._parser.finalize()
        if not self._is_whole:
            raise BadForm("The upload ended early; nothing was kept. Please send it again.")

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def _callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": self._add_header_name,
            "on_header_value": self._add_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._begin_content,
            "on_part_data": self._add_content,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > 1 + 3 * MAX_TRACKS:
            raise TooManyParts(f"One import takes at most {MAX_TRACKS} files.")
        self._headers, self._header_name, self._header_value = {}, b"", b""

    def _add_header_name(self, block: bytes, start: int, end: int) -> None:
        self._header_name += block[start:end]

    def _add_header_value(self, block: bytes, start: int, end: int) -> None:
        self._header_value += block[start:end]

    def _end_header(self) -> None:
        self._headers[self._header_name.decode("latin-1").lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _begin_content(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition", b""))
        self._field = options.get(b"name", b"").decode("utf-8", "replace")
        self._text = b""
        file_name = options.get(b"filename")
        if file_name is None:
            return
        if len(self.files) >= MAX_TRACKS:
            raise TooManyParts(f"One import takes at most {MAX_TRACKS} files.")
        name = file_name.decode("utf-8", "replace")
        with _about_file(len(self.files)):
            media.check_file_name(name)
        self._writer = StagedWriter(self._folder / str(len(self.files)), name)

    def _add_content(self, block: bytes, start: int, end: int) -> None:
        if self._writer is None:
            self._text += block[start:end]
            if len(self._text) > FIELD_MAX_BYTES:
                raise BadForm(f"The field {self._field[:40]!r} is longer than {FIELD_MAX_BYTES} bytes.")
            return
        self._bytes += end - start
        if self._bytes > settings.UPLOAD_MAX_BYTES:
            raise TooLarge(settings.UPLOAD_MAX_BYTES)
        self._writer.write(memoryview(block)[start:end])

    def _end_part(self) -> None:
        if self._writer is not None:
            self.files.append(self._writer.finish())
            self._writer = None
        elif self._field in self._fields:
            self._fields[self._field].append(self._text.decode("utf-8", "replace"))

    def _end(self) -> None:
        self._is_whole = True
