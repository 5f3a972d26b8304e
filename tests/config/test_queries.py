"""Prepared queries: written once, asked with other values, giving what the ORM gives."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from config.lib.queries import Iso, Prepared, Slot
from config.lib.times import iso

pytestmark = pytest.mark.django_db


@pytest.fixture
def by_name():
    """A query of two slots, and how often it was made."""
    made = []

    def make():
        made.append(1)
        rows = User.objects.filter(first_name=Slot("first"), last_name=Slot("last"), is_active=True)
        return rows.order_by("pk").values_list("pk", "rates", Iso("date_joined"), Iso("signed_out_at"))

    return Prepared(make), made


def test_prepared_query_gives_what_the_orm_gives(by_name, owner, stranger):
    User.objects.filter(pk=owner.pk).update(rates={"RATE_FILES": "1/h"})
    prepared, _made = by_name

    rows = prepared.fetch(first="Owner", last="Tester")

    assert rows == [(owner.pk, {"RATE_FILES": "1/h"}, iso(owner.date_joined), None)]


def test_prepared_query_is_written_once_and_asked_anew(by_name, owner, stranger):
    prepared, made = by_name

    with CaptureQueriesContext(connection) as queries:
        found = [prepared.fetch(first=name, last="Tester") for name in ("Owner", "Stranger", "Nobody", "Owner")]

    assert [[row[0] for row in rows] for rows in found] == [[owner.pk], [stranger.pk], [], [owner.pk]]
    assert (len(queries), len(made)) == (4, 1)


def test_slot_stands_for_any_value(owner, stranger):
    prepared = Prepared(
        lambda: User.objects.filter(date_joined__lt=Slot("until"), is_active=Slot("active")).values_list("pk")
    )

    found = [
        prepared.fetch(until=until, active=active)
        for until, active in [(stranger.date_joined, True), (owner.date_joined, True), (stranger.date_joined, False)]
    ]

    assert found == [[(owner.pk,)], [], []]


def test_text_for_a_slot_is_never_read_as_sql(by_name, owner):
    prepared, _made = by_name

    assert prepared.fetch(first="Owner", last="' OR 1=1 --") == []
