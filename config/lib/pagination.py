"""Pages of a list, newest first, by the id of the last row that was seen: ids sort by time."""

from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.db import models
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from config.lib.fields import ID_PATTERN, WireSerializer, parsed

R = TypeVar("R", bound=models.Model)

DEFAULT_LIMIT = 50
MAX_LIMIT = 200

PARAMETERS = [
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
        description="At most so many rows; `Link` names the next page.",
    ),
    OpenApiParameter("cursor", OpenApiTypes.STR, pattern=ID_PATTERN, description="Where the page before ended."),
]


class PageQuery(WireSerializer):
    """The words after the question mark that page a list."""

    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT, required=False)
    cursor = serializers.RegexField(ID_PATTERN, required=False)


def page(rows: models.QuerySet[R], request: Request, *, default: int | None = None) -> tuple[Any, dict[str, str]]:
    """Cut one page out of `rows` and order it, newest first; give it with the `Link` header to the next.

    Lists of the Meet API come whole unless `limit` is there (`default` None, a lazy query set is given back); others
    come in pages of `default`.

    Raises:
        rest_framework.exceptions.ValidationError.
    """
    query = parsed(
        PageQuery, {key: request.query_params[key] for key in ("limit", "cursor") if request.query_params.get(key)}
    )
    limit, cursor = query.validated_data.get("limit", default), query.validated_data.get("cursor")
    rows = rows.order_by("-pk")
    if cursor:
        rows = rows.filter(pk__lt=cursor)
    if limit is None:
        return rows, {}
    found = list(rows[: limit + 1])
    if len(found) <= limit:
        return found, {}
    last = found[limit - 1]
    return found[:limit], {
        "Link": _next_link(request, limit, str(last.pk if isinstance(last, models.Model) else last["pk"]))
    }


def _next_link(request: Request, limit: int, cursor: str) -> str:
    kept = {name: value for name, value in request.query_params.items() if name not in ("limit", "cursor")}
    query = urlencode({**kept, "limit": limit, "cursor": cursor})
    return f'<{settings.PUBLIC_URL.rstrip("/")}{request.path}?{query}>; rel="next"'
