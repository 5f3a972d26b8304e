"""Reports on the wire: the filters that come in, and the rows that go out."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypedDict

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from config.lib.fields import IdField, MomentField, TextField, WireSerializer
from config.lib.schema import ID, MOMENT, TEXT
from reporting.reports import Place
from rooms.enums import RoomType

PARAMETERS = [
    OpenApiParameter("domain", TEXT, description="Host part of the address of the page that opened it."),
    OpenApiParameter("sessionType", {"type": "string", "enum": [*RoomType.values, ""]}, description="Type of room."),
    OpenApiParameter("countryCode", TEXT, description="Two letters of ISO 3166."),
    OpenApiParameter("countryName", TEXT, description="Name of the country, in English."),
    OpenApiParameter("cityName", TEXT, description="Name of the city, in English."),
    OpenApiParameter(
        "startDateRange",
        MOMENT,
        description="The sessions began at this time, or on this day in UTC, or later.",
    ),
    OpenApiParameter(
        "endDateRange",
        MOMENT,
        description="The sessions began at this time, or on this day in UTC, or earlier.",
    ),
    OpenApiParameter(
        "userID",
        ID,
        description="The host; another's for administrators only. Without it one's own, an administrator's all.",
    ),
]


class EndField(MomentField):
    """The last time of a range, inclusive; what comes out is the first one after it, None where there is none."""

    def to_internal_value(self, data: Any) -> datetime | None:  # type: ignore[override]
        moment = super().to_internal_value(data)
        try:
            return moment + (timedelta(days=1) if _is_day(data) else timedelta(milliseconds=1))
        except OverflowError:
            return None


class FiltersQuery(WireSerializer):
    """The words after the question mark of every report."""

    domain = TextField(required=False, allow_blank=True)
    sessionType = serializers.ChoiceField(RoomType.choices, source="type", required=False)
    countryCode = TextField(source="country_code", required=False, allow_blank=True)
    countryName = TextField(source="country_name", required=False, allow_blank=True)
    cityName = TextField(source="city", required=False, allow_blank=True)
    startDateRange = MomentField(source="since", required=False)
    endDateRange = EndField(source="until", required=False)
    userID = IdField(source="host_id", required=False)

    def validate_domain(self, value: str) -> str:
        return value.lower()

    def validate_countryCode(self, value: str) -> str:
        return value.upper()


class TotalFields(TypedDict):
    totalSessions: int


class DomainFields(TypedDict):
    domain: str
    count: int


class DayFields(TypedDict):
    domainCounts: list[DomainFields]
    date: str


class TypeFields(TypedDict):
    sessionType: str
    totalSessions: int


class StatisticsFields(TypedDict):
    totalSessions: int
    totalSessionsByType: list[TypeFields]


class PlaceId(TypedDict):
    city: str
    region: str
    country: str
    country_name: str


class PlaceFields(TypedDict):
    _id: PlaceId
    count: int


class CityFields(TypedDict):
    _id: str
    totalSessions: int
    totalParticipants: int


def days_fields(days: Sequence[tuple[date, Sequence[tuple[str, int]]]]) -> list[DayFields]:
    return [
        {
            "domainCounts": [{"domain": domain, "count": count} for domain, count in domains],
            "date": f"{day}T00:00:00.000Z",
        }
        for day, domains in days
    ]


def statistics_fields(types: Sequence[tuple[str, int]]) -> StatisticsFields:
    return {
        "totalSessions": sum(count for _, count in types),
        "totalSessionsByType": [{"sessionType": type, "totalSessions": count} for type, count in types],
    }


def place_fields(place: Place, count: int) -> PlaceFields:
    city, region, code, country = place
    return {"_id": {"city": city, "region": region, "country": code, "country_name": country}, "count": count}


def city_fields(city: str, sessions: int, people: int) -> CityFields:
    return {"_id": city, "totalSessions": sessions, "totalParticipants": people}


def _is_day(data: Any) -> bool:
    return isinstance(data, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", data) is not None
