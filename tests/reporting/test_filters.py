"""How the words after the question mark of a report are read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.factories import make_session
from tests.reporting.naive import BY_DAY, TOTAL

pytestmark = pytest.mark.django_db

LAST_MOMENT = datetime(2025, 10, 31, 23, 59, 59, 999_999, tzinfo=UTC)


@pytest.fixture
def asked(api, owner):
    """Give how many sessions there are to a query."""
    api.force_authenticate(owner)
    return lambda **query: api.get(TOTAL, query).json()["data"]["totalSessions"]


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ({"startDateRange": "yesterday"}, {"startDateRange"}),
        ({"endDateRange": "2025-13-01"}, {"endDateRange"}),
        ({"endDateRange": "2025-10-01T00:00:00.000Z or later"}, {"endDateRange"}),
        ({"sessionType": "party"}, {"sessionType"}),
        ({"userID": "somebody"}, {"userID"}),
        ({"userID": "0" * 23, "startDateRange": "-1"}, {"userID", "startDateRange"}),
        ({"domain": "example.com\0"}, {"domain"}),
        ({"cityName": "\0"}, {"cityName"}),
    ],
)
def test_malformed_filter_is_refused(api, owner, query, errors):
    api.force_authenticate(owner)

    answer = api.get(TOTAL, query)

    assert (answer.status_code, answer.json()["code"], answer.json()["errors"].keys()) == (400, "invalid", errors)


def test_empty_filters_are_none(owner, asked):
    make_session(owner, LAST_MOMENT)
    names = (
        "domain",
        "sessionType",
        "countryCode",
        "countryName",
        "cityName",
        "startDateRange",
        "endDateRange",
        "userID",
    )

    assert asked(**dict.fromkeys(names, "")) == asked(domain=" ", cityName=" ") == asked(other="x") == 1


def test_domains_and_codes_are_found_in_any_case(owner, asked):
    make_session(owner, LAST_MOMENT, domain="meet.example.com", country_code="PK")

    assert asked(domain="Meet.Example.COM", countryCode="pk") == 1


@pytest.mark.parametrize(
    ("until", "count"),
    [
        ("2025-10-31T23:59:59.999Z", 1),
        ("2025-10-31T23:59:59.998Z", 0),
        ("2025-10-31", 1),
        ("2025-10-30", 0),
        ("1761955199999", 1),
        ("2025-11-01T01:59:59.999+02:00", 1),
        ("2025-11-01T00:59:59.999+02:00", 0),
        ("9999-12-31T23:59:59.999Z", 1),
        ("9999-12-31", 1),
        ("0001-01-01", 0),
    ],
)
def test_end_is_inclusive(owner, asked, until, count):
    make_session(owner, LAST_MOMENT)

    assert asked(endDateRange=until) == count


@pytest.mark.parametrize(
    ("since", "count"),
    [
        ("2025-10-31T23:59:59.999Z", 1),
        ("2025-11-01T00:00:00.000Z", 0),
        ("2025-10-31", 1),
        ("2025-11-01", 0),
        ("1761955199999", 1),
        ("0001-01-01T00:00:00Z", 1),
    ],
)
def test_start_is_inclusive(owner, asked, since, count):
    make_session(owner, LAST_MOMENT)

    assert asked(startDateRange=since) == count


def test_range_that_ends_before_it_starts_has_nothing(owner, asked):
    make_session(owner, LAST_MOMENT)

    assert asked(startDateRange="2025-11-30", endDateRange="2025-10-01") == 0


def test_days_are_those_of_utc(api, owner):
    there = timezone(timedelta(hours=5))
    make_session(owner, datetime(2025, 10, 13, 4, 59, 59, tzinfo=there))
    make_session(owner, datetime(2025, 10, 13, 5, 0, 0, tzinfo=there))
    make_session(owner, datetime(2025, 10, 16, tzinfo=there))
    api.force_authenticate(owner)

    days = api.get(BY_DAY).json()["data"]

    assert days == [
        {"domainCounts": [{"domain": "example.com", "count": 1}], "date": f"2025-10-{day}T00:00:00.000Z"}
        for day in (12, 13, 15)
    ]
