"""Pages of a list, newest first, by the id of the last row that was seen: ids sort by time."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from config.lib import schema
from config.lib.fields import ID_PATTERN, WireSerializer, parsed
from config.lib.ids import is_id
from config.lib.queries import Slot
from config.lib.streaming import id_of, in_parts

R = TypeVar("R", bound=models.Model)
T = TypeVar("T")

DEFAULT_LIMIT = 50
MAX_LIMIT = 200

PARAMETERS = [
    OpenApiParameter(
        "limit",
        {"anyOf": [{"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}, schema.NOTHING]},
        description="At most so many rows; `Link` names the next page.",
    ),
    OpenApiParameter("cursor", schema.ID, description="Where the page before ended."),
]


class PageQuery(WireSerializer):
    """The words after the question mark that page a list."""

    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT, required=False)
    cursor = serializers.RegexField(ID_PATTERN, required=False)


@dataclass(frozen=True)
class Page:
    """What a request asks for: at most `limit` rows below the id `cursor`; without a limit all of them."""

    limit: int | None
    cursor: str | Slot = ""

    def of(self, rows: models.QuerySet[R, T]) -> models.QuerySet[R, T]:
        """Order the rows, newest first, and take those of the page, with one more that tells whether a next one is."""
        rows = rows.order_by("-pk")
        if self.cursor:
            rows = rows.filter(pk__lt=self.cursor)
        return rows if self.limit is None else rows[: self.limit + 1]

    def cut(self, found: list[T], request: Request) -> tuple[list[T], dict[str, str]]:
        """Give the page without that one more, and the `Link` header to the next page."""
        if self.limit is None or len(found) <= self.limit:
            return found, {}
        return found[: self.limit], {"Link": _next_link(request, self.limit, id_of(found[self.limit - 1]))}


def asked(request: Request, *, default: int | None = None) -> Page:
    """Read which page is asked for. Lists of the Meet API come whole unless `limit` is there; others have a `default`.

    Raises:
        rest_framework.exceptions.ValidationError.
    """
    page = _read(request.query_params.get("limit", ""), request.query_params.get("cursor", ""))
    return page if page.limit else Page(default, page.cursor)


@lru_cache
def _read(limit: str, cursor: str) -> Page:
    """Read the two words, kept because most requests say the same."""
    said = {"limit": limit, "cursor": cursor}
    query = parsed(PageQuery, {name: text for name, text in said.items() if text})
    return Page(query.validated_data.get("limit"), query.validated_data.get("cursor", ""))


def page(rows: models.QuerySet[R, T], request: Request, *, default: int | None = None) -> tuple[Any, dict[str, str]]:
    """Cut the page that is asked for out of `rows`; give it with the `Link` header to the next.

    Without a limit an iterator is given, which fetches rows as they are needed.

    Raises:
        rest_framework.exceptions.ValidationError.
    """
    wanted = asked(request, default=default)
    found = wanted.of(rows)
    return (in_parts(found), {}) if wanted.limit is None else wanted.cut(list(found), request)


def older(rows: models.QuerySet[R], request: HttpRequest, *, size: int) -> tuple[list[R], str | None]:
    """Cut what a page for people shows, the newest first, `?before=` an id the older ones; give it with the id before
    which there are more, if there are."""
    before = request.GET.get("before", "")
    found = list(Page(size, before if is_id(before) else "").of(rows))
    return found[:size], found[size - 1].pk if len(found) > size else None


def _next_link(request: Request, limit: int, cursor: str) -> str:
    kept = {name: value for name, value in request.query_params.items() if name not in ("limit", "cursor")}
    query = urlencode({**kept, "limit": limit, "cursor": cursor})
    return f'<{settings.PUBLIC_URL}{request.path}?{query}>; rel="next"'
