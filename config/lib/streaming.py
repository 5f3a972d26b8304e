"""Long lists as JSON, written row by row: the first bytes leave at once, and memory stays flat."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

import orjson
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

# Rows of one part; a list that has no more is answered in one piece.
PART_ROWS = 200
JSON = "application/json"


def json_list(
    request: Request,
    rows: Iterable[Mapping[str, Any]],
    *,
    before: bytes = b"[",
    after: bytes = b"]",
    headers: Mapping[str, str] | None = None,
) -> HttpResponseBase:
    """Answer `before`, the rows parted by commas, `after`.

    The first part is made here, so that what fails at once is refused as usual; what fails later breaks the answer off.
    """
    left = iter(rows)
    first = list(islice(left, PART_ROWS))
    head = before + _joined(first)
    if len(first) < PART_ROWS:
        return HttpResponse(head + after, content_type=JSON, headers=headers)
    return stream(request._request, chain([head], _parts(left), [after]), content_type=JSON, headers=headers)


def stream(
    request: HttpRequest, parts: Iterator[bytes], *, content_type: str, headers: Mapping[str, str] | None = None
) -> StreamingHttpResponse:
    """Answer parts as they are made; none of them may be empty."""
    # Under ASGI Django would read a plain iterator to its end before it sends anything.
    is_asgi = isinstance(request, ASGIRequest)
    return StreamingHttpResponse(_off_loop(parts) if is_asgi else parts, content_type=content_type, headers=headers)


def _joined(rows: list[Mapping[str, Any]]) -> bytes:
    return orjson.dumps(rows)[1:-1]


def _parts(left: Iterator[Mapping[str, Any]]) -> Iterator[bytes]:
    while part := list(islice(left, PART_ROWS)):
        yield b"," + _joined(part)


async def _off_loop(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Make each part in the request's own thread, which holds its database connection."""
    make_next = sync_to_async(lambda: next(parts, b""))
    while part := await make_next():
        yield part
