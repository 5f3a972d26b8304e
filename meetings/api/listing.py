"""The list of a host's meetings: rows as tuples, with their times written by the database, and no objects between."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any, cast

from django.db.models import QuerySet
from django.db.models.expressions import Combinable

from accounts.models import User
from config.lib.pagination import Page
from config.lib.queries import Iso, Prepared, Row, Slot
from config.lib.streaming import in_parts
from meetings.api.serializers import MeetingFields
from meetings.models import Meeting

# Pages seek by the id, which stands first.
COLUMNS: dict[str, str | Combinable] = {
    "_id": "pk",
    "title": "title",
    "hostId": "host_id",
    "roomId": "room_id",
    "transcriptEnabled": "transcript_enabled",
    "summaryGenerated": "summary_generated",
    "recordingIds": "recording_ids",
    "createdAt": Iso("created_at"),
    "startedAt": Iso("started_at"),
    "endedAt": Iso("ended_at"),
    "participantsCount": "participants_count",
}


def hosted(
    host: User, page: Page, *, title: str, since: datetime | None, until: datetime | None
) -> list[Row] | Iterable[Row]:
    """Read a page, with the row after it, as a list; or all rows, one by one.

    The page without filters, which clients ask for again and again, is prepared.
    """
    if page.limit and not (title or since or until):
        return _newest(page.limit, bool(page.cursor)).fetch(host=host.pk, cursor=page.cursor)
    rows = page.of(_listed(host.pk, title=title, since=since, until=until))
    return list(rows) if page.limit else in_parts(rows)


def fields(row: Row) -> MeetingFields:
    return cast(MeetingFields, dict(zip(COLUMNS, row, strict=True)))


@cache
def _newest(limit: int, has_cursor: bool) -> Prepared:
    page = Page(limit, Slot("cursor") if has_cursor else "")
    return Prepared(lambda: page.of(_listed(Slot("host"))))


def _listed(host_id: str | Slot, **filters: Any) -> QuerySet[Meeting, Row]:
    rows = Meeting.objects.filter(host=host_id).with_participants_count()
    return (rows.matching(**filters) if filters else rows).values_list(*COLUMNS.values())
