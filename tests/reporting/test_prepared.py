"""Reports are fetched by statements that were written before; these give what the query sets give."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.lib.queries import Prepared
from reporting import reports
from reporting.reports import Filters
from tests.factories import make_session

pytestmark = pytest.mark.django_db

NOON = datetime(2025, 10, 12, 12, tzinfo=UTC)
TYPES = ["meeting", "webinar"]
DOMAINS = ["example.com", "", "100% ' example"]
PLACES = [("Lahore", "PK", "Pakistan"), ("Birmingham", "GB", "United Kingdom"), ("", "", "")]
QUERIES = [
    reports._in_all,
    reports._by_day,
    reports._by_type,
    reports._by_place,
    reports._by_city,
    reports._people_by_city,
]


@pytest.fixture
def hosts(owner, stranger):
    """Two hosts of forty sessions, drawn always alike."""
    chance = random.Random(5)
    for _ in range(40):
        city, code, country = chance.choice(PLACES)
        make_session(
            chance.choice([owner, stranger]),
            NOON + timedelta(hours=chance.randrange(-60, 60)),
            people=[f"g_{chance.randrange(9)}" for _ in range(chance.randrange(4))],
            minutes=chance.choice([30, 30, None]),
            **{"type": chance.choice(TYPES), "domain": chance.choice(DOMAINS)},
            **{"city": city, "country_code": code, "country_name": country},
        )
    return [owner.pk, stranger.pk]


def filters(hosts) -> st.SearchStrategy[Filters]:
    cities, codes, countries = zip(*PLACES, strict=True)
    times = st.sampled_from([None, *(NOON + timedelta(hours=hours) for hours in (-60, -12, 0, 24, 60))])
    return st.builds(
        Filters,
        host_id=st.sampled_from(["", *hosts, "0" * 24]),
        domain=st.sampled_from(DOMAINS),
        type=st.sampled_from(["", *TYPES]),
        country_code=st.sampled_from(codes),
        country_name=st.sampled_from(countries),
        city=st.sampled_from(cities),
        since=times,
        until=times,
    )


@pytest.mark.parametrize("query", QUERIES)
def test_prepared_report_gives_what_its_query_set_gives(hosts, query):
    @settings(max_examples=300, deadline=None)
    @given(filters(hosts))
    def check(asked):
        assert sorted(query(asked)) == sorted(query.__wrapped__(asked))

    check()


def test_statement_is_written_once_for_filters_that_are_given_together(owner, stranger, monkeypatch):
    written = []
    monkeypatch.setattr(reports, "Prepared", lambda make: written.append(1) or Prepared(make))
    asked = reports.prepared(reports._by_type.__wrapped__)

    for host in (owner, stranger):
        for since in (NOON, None, NOON + timedelta(days=1)):
            asked(Filters(host_id=host.pk, since=since))

    assert len(written) == 2
