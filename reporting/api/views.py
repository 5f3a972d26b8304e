"""REST: the reports of sessions that are over."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import person_of, query_of
from config.lib.answers import success
from config.lib.schema import answer, refusals
from reporting import reports, rules
from reporting.api.serializers import (
    PARAMETERS,
    CityFields,
    DayFields,
    FiltersQuery,
    PlaceFields,
    StatisticsFields,
    TotalFields,
    city_fields,
    days_fields,
    place_fields,
    statistics_fields,
)
from reporting.reports import Filters

V = TypeVar("V", bound=Callable[..., Response])


def report(operation_id: str, summary: str, hint: Any, example: Any) -> Callable[[V], V]:
    """Describe a report: all take the same filters and are refused for the same reasons."""
    return extend_schema(
        operation_id=operation_id,
        tags=["reporting"],
        summary=summary,
        description="Only sessions that are over are counted. An empty filter is none.",
        parameters=PARAMETERS,
        responses={200: answer(hint, example), **refusals(403)},
    )


def filters_of(request: Request) -> Filters:
    """Read the filters, and ask whose sessions the caller may have counted."""
    query = query_of(FiltersQuery, request).validated_data
    host_id = rules.host_for(person_of(request), query.get("host_id", ""))
    return Filters(**{**query, "host_id": host_id})


class TotalSessions(APIView):
    """`GET /reporting/total-sessions-for-user`."""

    @report("totalSessions", "How many sessions there were", TotalFields, {"totalSessions": 35})
    def get(self, request: Request) -> Response:
        total: TotalFields = {"totalSessions": reports.count(filters_of(request))}
        return success(total)


class SessionsByDay(APIView):
    """`GET /reporting/total-sessions-aggregation-for-user`."""

    @report(
        "sessionsByDay",
        "Sessions by day and domain, days in UTC",
        list[DayFields],
        [{"domainCounts": [{"domain": "meet.example.com", "count": 5}], "date": "2025-10-12T00:00:00.000Z"}],
    )
    def get(self, request: Request) -> Response:
        return success(days_fields(reports.by_day(filters_of(request))))


class SessionsByType(APIView):
    """`GET /reporting/total-sessions-statistics-for-user`."""

    @report(
        "sessionsByType",
        "How many sessions there were, in all and by type",
        StatisticsFields,
        {
            "totalSessions": 35,
            "totalSessionsByType": [
                {"sessionType": "webinar", "totalSessions": 20},
                {"sessionType": "live", "totalSessions": 15},
            ],
        },
    )
    def get(self, request: Request) -> Response:
        return success(statistics_fields(reports.by_type(filters_of(request))))


class SessionsByPlace(APIView):
    """`GET /reporting/total-sessions-by-location-for-user`."""

    @report(
        "sessionsByPlace",
        "Sessions by city, region and country of the host",
        list[PlaceFields],
        [
            {
                "_id": {"city": "Lahore", "region": "Punjab", "country": "PK", "country_name": "Pakistan"},
                "count": 12,
            }
        ],
    )
    def get(self, request: Request) -> Response:
        return success([place_fields(*row) for row in reports.by_place(filters_of(request))])


class PeopleByCity(APIView):
    """`GET /reporting/total-sessions-and-participants-count-by-location-for-user`."""

    @report(
        "peopleByCity",
        "Sessions, and the different people in them, by city of the host",
        list[CityFields],
        [{"_id": "Lahore", "totalSessions": 10, "totalParticipants": 125}],
    )
    def get(self, request: Request) -> Response:
        return success([city_fields(*row) for row in reports.by_city(filters_of(request))])
