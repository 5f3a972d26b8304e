"""The five reports: sessions that are over, counted by the database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, wraps
from itertools import groupby
from typing import Any

from django.db.models import Count, QuerySet, Value
from django.db.models.functions import TruncDate

from config.lib.queries import Prepared, Row, Slot
from meetings.models import Attendance, Session

Place = tuple[str, str, str, str]

# What filters ask of a session, where that has another name.
CONDITIONS = {"since": "started_at__gte", "until": "started_at__lt"}
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

    @property
    def given(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value}

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
        return {"is_over": True, **{CONDITIONS.get(name, name): value for name, value in self.given.items()}}


def prepared(query: Callable[[Filters], QuerySet[Any, Row]]) -> Callable[[Filters], list[Row]]:
    """Write the statement of a query once for each set of filters that are given together, and fetch its rows."""

    @cache
    def statement(names: frozenset[str]) -> Prepared:
        slots: dict[str, Any] = {name: Slot(name) for name in names}
        return Prepared(lambda: query(Filters(**slots)))

    @wraps(query)
    def fetch(filters: Filters) -> list[Row]:
        given = filters.given
        return statement(frozenset(given)).fetch(**given)

    return fetch


@prepared
def _in_all(filters: Filters) -> QuerySet[Any, Row]:
    return filters.sessions().values_list(Value(1)).annotate(count=Count("*"))


@prepared
def _by_day(filters: Filters) -> QuerySet[Any, Row]:
    days = filters.sessions().annotate(day=TruncDate("started_at", tzinfo=UTC)).values_list("day", "domain")
    return days.annotate(count=Count("*")).order_by("day", "-count", "domain")


@prepared
def _by_type(filters: Filters) -> QuerySet[Any, Row]:
    return filters.sessions().values_list("type").annotate(count=Count("*")).order_by("-count", "type")


@prepared
def _by_place(filters: Filters) -> QuerySet[Any, Row]:
    fields = ("city", "region", "country_code", "country_name")
    return filters.sessions().values_list(*fields).annotate(count=Count("*")).order_by("-count", *fields)


@prepared
def _by_city(filters: Filters) -> QuerySet[Any, Row]:
    return filters.sessions().values_list("city").annotate(count=Count("*")).order_by("-count", "city")


@prepared
def _people_by_city(filters: Filters) -> QuerySet[Any, Row]:
    return filters.attendances().values_list("session_city").annotate(count=Count("person", distinct=True))


def count(filters: Filters) -> int:
    return sum(number for _, number in _in_all(filters))


def by_day(filters: Filters) -> list[tuple[date, list[tuple[str, int]]]]:
    """Count by day of UTC, the first first, and in a day by domain, most first; days without sessions are absent."""
    return [
        (day, [(domain, number) for _, domain, number in of_day])
        for day, of_day in groupby(_by_day(filters), key=lambda row: row[0])
    ]


def by_type(filters: Filters) -> list[tuple[str, int]]:
    """Count by type, most first."""
    return [(type, number) for type, number in _by_type(filters)]


def by_place(filters: Filters) -> list[tuple[Place, int]]:
    """Count by city, region, code and name of the country, most first."""
    return [((city, region, code, country), number) for city, region, code, country, number in _by_place(filters)]


def by_city(filters: Filters) -> list[tuple[str, int, int]]:
    """Count sessions and the different people in all of them by city, most sessions first."""
    # In this order the sessions that people are looked for in are those just read, and not read anew.
    sessions = _by_city(filters)
    people: dict[str, int] = dict(_people_by_city(filters))
    return [(city, number, people.get(city, 0)) for city, number in sessions]
