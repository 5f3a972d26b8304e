"""`manage.py fill_sessions`."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from accounts.models import User
from meetings.models import Attendance, Session
from rooms.models import Room

pytestmark = pytest.mark.django_db(transaction=True)

UNTIL = datetime(2025, 11, 1, tzinfo=UTC)


def fill(sessions=1200, attendances=6000, **options):
    call_command("fill_sessions", sessions=sessions, attendances=attendances, until=UNTIL, **options)


def test_fill_adds_as_many_as_wanted_in_the_year_before(capsys):
    fill()

    assert (Session.objects.count(), Attendance.objects.count(), User.objects.count()) == (1200, 6000, 3)
    assert Session.objects.filter(is_over=True).count() == 1200
    assert not Session.objects.exclude(started_at__gte=UNTIL - timedelta(days=365), ended_at__lt=UNTIL).exists()
    assert not Session.objects.exclude(host=F("room__owner"), type=F("room__type")).exists()
    assert set(Session.objects.values_list("type", flat=True)) == {"meeting", "conference", "webinar", "live"}
    assert Session.objects.values("city").distinct().count() > 5
    assert Attendance.objects.values("person").distinct().count() < 6000
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert capsys.readouterr().out.startswith("1200 sessions, 6000 attendances in ")


def test_fill_gives_the_same_by_the_same_seed():
    fill()
    first = sorted(Session.objects.values_list("started_at", "city", "domain"))
    Session.objects.all().delete()

    fill()

    assert sorted(Session.objects.values_list("started_at", "city", "domain")) == first


def test_fill_adds_others_by_another_seed_to_the_same_hosts():
    fill()
    fill(seed=2)

    assert (Session.objects.count(), User.objects.count(), Room.objects.count()) == (2400, 3, 12)


def test_fill_refuses_what_is_there_and_leaves_it():
    fill()

    with pytest.raises(CommandError, match="there already"):
        fill()
    assert (Session.objects.count(), Attendance.objects.count()) == (1200, 6000)


@pytest.mark.parametrize("sizes", [{"sessions": 0}, {"attendances": -1}])
def test_fill_refuses_sizes_that_are_none(sizes):
    with pytest.raises(CommandError):
        fill(**sizes)
    assert not User.objects.exists()


@pytest.mark.parametrize(("sessions", "attendances"), [(1, 1), (5, 0), (10, 3), (1, 50)])
def test_fill_makes_few_of_either(sessions, attendances):
    fill(sessions, attendances)

    assert (Session.objects.count(), Attendance.objects.count()) == (sessions, attendances)
