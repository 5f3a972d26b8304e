"""Long lists, written part by part: the first bytes leave at once, memory stays flat, and who reads slowly holds no
connection to the database."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, Literal, TypeVar

import orjson
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import connection, models
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

R = TypeVar("R", bound=models.Model)
T = TypeVar("T")

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
    """Answer parts as they are made; none of them may be empty, nor need a cursor that stays open until the next."""
    parts = _giving_back(parts)
    # Under ASGI Django would read a plain iterator to its end before it sends anything.
    is_asgi = isinstance(request, ASGIRequest)
    return StreamingHttpResponse(_off_loop(parts) if is_asgi else parts, content_type=content_type, headers=headers)


def in_parts(rows: models.QuerySet[R, T], order: Literal["pk", "-pk"] = "-pk") -> Iterator[T]:
    """Yield rows by their ids, each part by a query of its own for what comes after the last row seen."""
    beyond = "pk__lt" if order == "-pk" else "pk__gt"
    rows = left = rows.order_by(order)
    while part := list(left[:PART_ROWS]):
        yield from part
        if len(part) < PART_ROWS:
            return
        left = rows.filter(**{beyond: id_of(part[-1])})


def id_of(row: Any) -> Any:
    """Give the id of an object, or of a row of `values_list`, in which it stands first."""
    return row.pk if isinstance(row, models.Model) else row[0]


def give_back_connection() -> None:
    """Let others have the database connection while this request waits; the next query takes one again."""
    if not connection.in_atomic_block:
        connection.close()


def _giving_back(parts: Iterator[bytes]) -> Iterator[bytes]:
    for part in parts:
        give_back_connection()
        yield part


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
