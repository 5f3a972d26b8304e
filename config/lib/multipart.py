"""Forms with files as plain ASGI applications read them: what has come is on disk before more is asked for."""

import asyncio
import errno
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from config.lib.asgi import Body, declared_length
from config.lib.errors import DomainError
from config.lib.staging import StagedFile, StagedWriter

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

# Bodies are handed to the parser in blocks of this size: one hop to a thread each.
BLOCK = 1024 * 1024
FIELD_MAX_BYTES = 1000
# What a body may have beside its files: fields, headers of parts, boundaries.
FORM_MAX_BYTES = 2**20


class BadForm(DomainError):
    """The body is not the form that it should be."""

    code = "bad_form"


class MalformedForm(BadForm):
    """The body does not keep to multipart/form-data."""

    def __init__(self) -> None:
        super().__init__("The body is not multipart/form-data as it says; nothing was kept.")


class StorageFull(DomainError):
    """The disk has no room for the upload."""

    code = "storage_full"
    status = 503
    temporary = True

    def __init__(self) -> None:
        super().__init__("The server has no room for this upload; nothing was kept. Tell its administrator.")


class MultipartForm(ABC):
    """The fields and files of one body, as far as they have come; any part with a file name is a file.

    Who derives from it names the fields that count, the bounds, and what is said where they are passed.
    """

    field_names: tuple[str, ...] = ()
    max_files = 1
    max_parts = 16

    def __init__(self, folder: Path, headers: Mapping[str, str], *, max_bytes: int) -> None:
        """Prepare for a body that is to bring files of `max_bytes` in all at most, and lay them into `folder`.

        Raises:
            BadForm: the headers do not announce a form.
            DomainError: of `too_large`, where they announce more.
        """
        self.files: list[StagedFile] = []
        self.fields: dict[str, list[str]] = {name: [] for name in self.field_names}
        self._folder, self._max_bytes = folder, max_bytes
        self._writer: StagedWriter | None = None
        self._headers: dict[str, bytes] = {}
        self._header_name = self._header_value = self._text = b""
        self._field = ""
        self._parts = self._bytes = self._received = 0
        self._is_whole = False
        if declared_length(headers) > max_bytes + FORM_MAX_BYTES:
            raise self.too_large()
        try:
            self._parser = MultipartParser(_boundary(headers), self._callbacks())
        except FormParserError as error:
            raise MalformedForm from error

    @abstractmethod
    def too_large(self) -> DomainError:
        """Say that the files have too many bytes."""

    @abstractmethod
    def too_many(self) -> DomainError:
        """Say that there are too many files or parts."""

    def check_file(self, number: int, name: str) -> None:  # noqa: B027 - a form may take any name
        """Refuse a file for its name, before any of its content is kept."""

    async def read(self, body: Body) -> None:
        """Read the body with back-pressure: the next block is asked for when this one is on disk.

        Raises:
            BadForm, StorageFull, ClientGone, and what the methods above refuse.
        """
        gathered = bytearray()
        try:
            async for part in body.parts():
                gathered += part
                if len(gathered) >= BLOCK:
                    await asyncio.to_thread(self._feed, bytes(gathered))
                    gathered.clear()
            await asyncio.to_thread(self._feed, bytes(gathered))
            self._finish()
        except FormParserError as error:
            raise MalformedForm from error
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull from error
            raise
        finally:
            if self._writer is not None:
                self._writer.close()

    def _feed(self, part: bytes) -> None:
        # Also what is no file's content: headers and what follows the last boundary could go on without end.
        self._received += len(part)
        if self._received > self._max_bytes + FORM_MAX_BYTES:
            raise self.too_large()
        self._parser.write(part)

    def _finish(self) -> None:
        """Say that the body is over; a body cut off in the middle is refused."""
        self._parser.finalize()
        if not self._is_whole:
            raise BadForm("The upload ended early; nothing was kept. Please send it again.")

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
        if self._parts > self.max_parts:
            raise self.too_many()
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
        if len(self.files) >= self.max_files:
            raise self.too_many()
        name = file_name.decode("utf-8", "replace")
        self.check_file(len(self.files), name)
        self._writer = StagedWriter(self._folder / str(len(self.files)), name)

    def _add_content(self, block: bytes, start: int, end: int) -> None:
        if self._writer is None:
            self._text += block[start:end]
            if len(self._text) > FIELD_MAX_BYTES:
                raise BadForm(f"The field {self._field[:40]!r} is longer than {FIELD_MAX_BYTES} bytes.")
            return
        self._bytes += end - start
        if self._bytes > self._max_bytes:
            raise self.too_large()
        self._writer.write(memoryview(block)[start:end])

    def _end_part(self) -> None:
        if self._writer is not None:
            self.files.append(self._writer.finish())
            self._writer = None
        elif self._field in self.fields:
            self.fields[self._field].append(self._text.decode("utf-8", "replace"))

    def _end(self) -> None:
        self._is_whole = True


def _boundary(headers: Mapping[str, str]) -> bytes:
    kind, options = parse_options_header(headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise BadForm("Send the files as multipart/form-data with a boundary.")
    return boundary
