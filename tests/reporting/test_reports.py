"""What the five reports count, with every filter, and how they show it."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import make_user
from tests.reporting.naive import BY_CITY, BY_DAY, BY_PLACE, BY_TYPE, TOTAL, Held, answers

pytestmark = pytest.mark.django_db

REPORTS = [TOTAL, BY_DAY, BY_TYPE, BY_PLACE, BY_CITY]
NOON = datetime(2025, 10, 12, 12, tzinfo=UTC)
LAHORE = ("Lahore", "Punjab", "PK", "Pakistan")
KARACHI = ("Karachi", "Sindh", "PK", "Pakistan")
BIRMINGHAM = ("Birmingham", "England", "GB", "United Kingdom")
ALABAMA = ("Birmingham", "Alabama", "US", "United States")
PLACES = [LAHORE, KARACHI, BIRMINGHAM, ALABAMA, ("", "", "PK", "Pakistan"), ("", "", "", "")]
TYPES = ["meeting", "conference", "webinar", "live"]
DOMAINS = ["example.com", "example.org", ""]
TIMES = ["", "2025-10-10T00:00:00.000Z", "2025-10-11T12:00:00.000Z", "2025-10-12T23:59:59.999Z", "2025-10-14T00:00:00Z"]


@pytest.fixture
def held(owner, stranger):
    """Eighty sessions of two hosts, some still open, drawn always alike."""
    chance = random.Random(3)
    sessions = [
        Held(
            host=chance.choice([owner, stranger]),
            started_at=NOON + timedelta(hours=chance.randrange(-60, 60), milliseconds=chance.choice([0, 999])),
            type=chance.choice(TYPES),
            domain=chance.choice(DOMAINS),
            place=chance.choice(PLACES),
            people=[f"g_{chance.randrange(12)}" for _ in range(chance.randrange(5))],
            minutes=chance.choice([30, 30, 30, None]),
        )
        for _ in range(80)
    ]
    for each in sessions:
        each.store()
    return sessions


def queries(host_id: str) -> st.SearchStrategy[dict[str, str]]:
    """Draw filters, most of them empty or not there."""
    of = lambda *values: st.sampled_from(["", *values])  # noqa: E731 - read once a line
    drawn = {
        "domain": of(*DOMAINS),
        "sessionType": of(*TYPES),
        "countryCode": of("PK", "GB", "FR"),
        "countryName": of("Pakistan", "United States"),
        "cityName": of("Lahore", "Birmingham", "Nowhere"),
        "startDateRange": st.sampled_from(TIMES),
        "endDateRange": st.sampled_from(TIMES),
        "userID": of(host_id, "0" * 24),
    }
    return st.fixed_dictionaries({}, optional=drawn)


def test_every_report_counts_what_fits_the_filters(api, administrator, owner, held):
    administrator.rates = {"RATE_DEFAULT": "10000/m"}
    api.force_authenticate(administrator)

    @settings(max_examples=150, deadline=None)
    @given(queries(owner.pk))
    def check(query):
        assert {report: api.get(report, query).json()["data"] for report in REPORTS} == answers(held, query)

    check()


@pytest.mark.parametrize(
    "query",
    [
        {"domain": "example.org"},
        {"sessionType": "webinar"},
        {"countryCode": "PK"},
        {"countryName": "Pakistan"},
        {"cityName": "Birmingham"},
        {"startDateRange": TIMES[2]},
        {"endDateRange": TIMES[3]},
        {"startDateRange": TIMES[1], "endDateRange": TIMES[3], "sessionType": "", "domain": ""},
    ],
)
def test_user_has_own_sessions_counted(api, owner, held, query):
    api.force_authenticate(owner)

    said = {report: api.get(report, query).json() for report in REPORTS}

    expected = answers(held, {**query, "userID": owner.pk})
    assert expected[TOTAL] != {"totalSessions": 0}
    assert said == {report: {"success": True, "data": data} for report, data in expected.items()}


def test_types_add_up_to_the_total(api, owner, held):
    api.force_authenticate(owner)

    data = api.get(BY_TYPE).json()["data"]

    assert sum(each["totalSessions"] for each in data["totalSessionsByType"]) == data["totalSessions"]
    assert api.get(TOTAL).json()["data"] == {"totalSessions": data["totalSessions"]}


def test_people_are_counted_once_however_often_they_come(api, owner):
    Held(owner, NOON, place=BIRMINGHAM, people=["g_1", "g_1", "g_2"]).store()
    Held(owner, NOON, place=ALABAMA, people=["g_2", "g_3"]).store()
    Held(owner, NOON, place=LAHORE, people=["g_2"]).store()
    Held(owner, NOON, place=KARACHI).store()
    Held(owner, NOON, place=KARACHI, people=["g_9"], minutes=None).store()
    api.force_authenticate(owner)

    assert api.get(BY_CITY).json()["data"] == [
        {"_id": "Birmingham", "totalSessions": 2, "totalParticipants": 3},
        {"_id": "Karachi", "totalSessions": 1, "totalParticipants": 0},
        {"_id": "Lahore", "totalSessions": 1, "totalParticipants": 1},
    ]


def test_equally_many_come_by_name(api, owner):
    for place, domain, type in [(LAHORE, "b.example", "webinar"), (KARACHI, "a.example", "live")]:
        Held(owner, NOON, place=place, domain=domain, type=type).store()
    api.force_authenticate(owner)

    days, types, places = (api.get(report).json()["data"] for report in (BY_DAY, BY_TYPE, BY_PLACE))

    assert [each["domain"] for each in days[0]["domainCounts"]] == ["a.example", "b.example"]
    assert [each["sessionType"] for each in types["totalSessionsByType"]] == ["live", "webinar"]
    assert [each["_id"]["city"] for each in places] == ["Karachi", "Lahore"]


def test_nothing_is_counted_where_there_was_nothing(api, owner):
    api.force_authenticate(owner)

    assert {report: api.get(report).json()["data"] for report in REPORTS} == answers([], {})


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("report", "queries"), [(TOTAL, 1), (BY_DAY, 1), (BY_TYPE, 1), (BY_PLACE, 1), (BY_CITY, 2)])
def test_report_of_three_takes_as_many_queries_as_of_one(api, owner, report, queries, count, django_assert_num_queries):
    for number in range(count):
        place, started_at = PLACES[number], NOON + timedelta(days=number)
        Held(owner, started_at, place=place, type=TYPES[number], people=[f"g_{number}"]).store()
    api.force_authenticate(owner)

    with django_assert_num_queries(queries):
        api.get(report)


@pytest.mark.parametrize("report", REPORTS)
def test_who_may_have_whose_sessions_counted(api, owner, stranger, administrator, report):
    Held(owner, NOON).store()
    own = {"userID": owner.pk}

    def ask(user, **query):
        api.force_authenticate(user)
        answer = api.get(report, query)
        return answer.status_code, answer.json().get("code", answer.json().get("data"))

    counted = answers([Held(owner, NOON)], {})[report]
    nothing = answers([], {})[report]
    assert ask(owner) == ask(owner, **own) == ask(administrator) == ask(administrator, **own) == (200, counted)
    assert ask(stranger) == ask(administrator, userID="0" * 24) == (200, nothing)
    assert ask(stranger, **own) == ask(stranger, userID="0" * 24) == (403, "not_allowed")
    assert ask(None, **own) == (401, "not_authenticated")


@pytest.mark.parametrize("report", REPORTS)
def test_reports_need_a_plan_with_analytics(api, administrator, report):
    user = make_user("essential", plan="essential")
    administrator.plan = "essential"

    answered = {}
    for each in (user, administrator):
        api.force_authenticate(each)
        answered[each.first_name] = api.get(report)

    assert answered["Essential"].status_code == 403
    assert answered["Essential"].json()["code"] == "feature_not_in_plan"
    assert answered["Administrator"].status_code == 200
