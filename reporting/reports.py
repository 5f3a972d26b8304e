"""The five reports: sessions that are over, counted by the database."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDay

from meetings.models import Attendance, Session

Place = tuple[str, str, str, str]

# Of these conditions on sessions attendances have copies, whose names begin with `session_`.
COPIED = frozenset({"is_over", "city", "started_at__gte", "started_at__lt"})


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Which sessions are asked for: what is empty is no filter; they began at `since` or later, and before `until`."""

    host_id: str = ""
    domain: str = ""
    type: str = ""
    country_code: str = ""
    country_name: str = ""
    city: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def sessions(self) -> QuerySet[Session]:
        return Session.objects.filter(**self._conditions())

    def attendances(self) -> QuerySet[Attendance]:
        """Give the stays in these sessions.

        Those in the few sessions of one host are found session by session; others by what they themselves know, so that
        sessions are looked at only where that is not enough.
        """
        conditions = self._conditions()
        joined = {f"session__{name}": value for name, value in conditions.items()}
        copied = {f"session_{name}": value for name, value in conditions.items() if name in COPIED}
        if self.host_id:
            return Attendance.objects.filter(**joined)
        return Attendance.objects.filter(**copied, **(joined if len(copied) < len(joined) else {}))

    def _conditions(self) -> dict[str, Any]:
        asked = {
            "host_id": self.host_id,
            "domain": self.domain,
            "type": self.type,
            "country_code": self.country_code,
            "country_name": self.country_name,
            "city": self.city,
            "started_at__gte": self.since,
            "started_at__lt": self.until,
        }
        return {"is_over": True, **{name: value for name, value in asked.items() if value}}


def count(filters: Filters) -> int:
    return filters.sessions().count()


def by_day(filters: Filters) -> list[tuple[datetime, list[tuple[str, int]]]]:
    """Count by day, the first first, and in a day by domain, most first; days without sessions are absent."""
    days = filters.sessions().annotate(day=TruncDay("started_at", tzinfo=UTC))
    rows = days.values_list("day", "domain").annotate(count=Count("*")).order_by("day", "-count", "domain")
    return [
        (day, [(domain, number) for _, domain, number in of_day])
        for day, of_day in groupby(rows, key=lambda row: row[0])
    ]


def by_type(filters: Filters) -> list[tuple[str, int]]:
    """Count by type, most first."""
    return list(filters.sessions().values_list("type").annotate(count=Count("*")).order_by("-count", "type"))


def by_place(filters: Filters) -> list[tuple[Place, int]]:
    """Count by city, region, code and name of the country, most first."""
    fields = ("city", "region", "country_code", "country_name")
    rows = filters.sessions().values_list(*fields).annotate(count=Count("*")).order_by("-count", *fields)
    return [((city, region, code, country), number) for city, region, code, country, number in rows]


def by_city(filters: Filters) -> list[tuple[str, int, int]]:
    """Count sessions and the different people in all of them by city, most sessions first."""
    people = filters.attendances().values_list("session_city").annotate(count=Count("person", distinct=True))
    counted = dict(people)
    sessions = filters.sessions().values_list("city").annotate(count=Count("*")).order_by("-count", "city")
    return [(city, number, counted.get(city, 0)) for city, number in sessions]
