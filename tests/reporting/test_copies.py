"""What attendances repeat of their session is what the session says, whatever is written and by how many at once."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meetings import attending
from meetings.models import Attendance, Session
from reporting import reports
from reporting.reports import Filters
from rooms.models import Room
from tests.factories import make_session

CITIES = ["", "Lahore", "Karachi"]
FIRST = datetime(2025, 10, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return FIRST + timedelta(days=number)


def begin(owner, one, number, city):
    make_session(owner, day(number), minutes=None, city=city)


def come(owner, one, number, city):
    Attendance.objects.create(session=one, person=f"g_{number}", joined_at=day(40))


def leave(owner, one, number, city):
    one.attendances.filter(left_at=None).update(left_at=day(50))


def end(owner, one, number, city):
    one.ended_at = day(60)
    one.save()


def go_on(owner, one, number, city):
    Session.objects.filter(pk=one.pk).update(ended_at=None)


def move(owner, one, number, city):
    Session.objects.filter(pk=one.pk).update(city=city, started_at=day(number))


def move_all(owner, one, number, city):
    Session.objects.update(city=city)


def forget_stays(owner, one, number, city):
    one.attendances.filter(person=f"g_{number}").delete()


def forget(owner, one, number, city):
    one.delete()


def drop(owner, one, number, city):
    """Delete past Django, as a clean-up in the database would."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM meetings_session WHERE id = %s", [one.pk])


WRITES = [begin, come, come, come, leave, end, end, go_on, move, move_all, forget_stays, forget, drop]
written = st.lists(
    st.tuples(st.sampled_from(WRITES), st.integers(0, 7), st.integers(0, 5), st.sampled_from(CITIES)), max_size=30
)


def raw_counts(filters: Filters) -> list[tuple[str, int, int]]:
    """Count sessions and people by city from the sessions themselves."""
    sessions = {
        one.pk: one.city
        for one in Session.objects.exclude(ended_at=None)
        if filters.since is None or filters.since <= one.started_at < filters.until
    }
    stays = Attendance.objects.values_list("session_id", "person")
    people = {(sessions[session], person) for session, person in stays if session in sessions}
    counted = [
        (city, [*sessions.values()].count(city), sum(at == city for at, _ in people)) for city in {*sessions.values()}
    ]
    return sorted(counted, key=lambda row: (-row[1], row[0]))


@pytest.mark.django_db
def test_reports_equal_the_raw_count_after_any_writes(owner):
    ranges = [Filters(), Filters(since=day(1), until=day(4))]

    @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(written)
    def check(writes):
        with transaction.atomic():
            for write, which, number, city in writes:
                sessions = list(Session.objects.order_by("pk"))
                if sessions or write is begin:
                    write(owner, sessions[which % len(sessions)] if sessions else None, number, city)
            for asked in ranges:
                assert reports.by_city(asked) == raw_counts(asked)
                of_host = Filters(host_id=owner.pk, since=asked.since, until=asked.until)
                assert reports.by_city(of_host) == raw_counts(asked)
            transaction.set_rollback(True)

    check()


@pytest.mark.django_db(transaction=True)
def test_reports_equal_the_raw_count_after_writes_at_once(owner):
    rooms = [Room.objects.create(name=str(number), owner=owner) for number in range(2)]

    def write(seed):
        chance = random.Random(seed)
        with closing(connection):
            for number in range(40):
                with suppress(attending.SessionIsOver), transaction.atomic():
                    write_once(chance, chance.choice(rooms), f"g_{seed}_{number}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))

    assert Attendance.objects.count() > 0
    assert Session.objects.filter(is_over=True).count() > 0
    assert reports.by_city(Filters()) == raw_counts(Filters())
    assert reports.by_city(Filters(host_id=owner.pk)) == raw_counts(Filters())


def write_once(chance, room, person):
    session = attending.open_session(room=room, domain="example.com")
    kind = chance.random()
    if kind < 0.7:
        attending.join([Attendance(session=session, person=person)])
    elif kind < 0.9:
        Session.objects.filter(pk=session.pk).update(city=chance.choice(CITIES))
    else:
        attending.close_session(session=session)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", [{"session_city": "Lahore"}, {"session_is_over": False}, {"session_started_at": day(3)}]
)
def test_database_refuses_a_copy_that_is_not_the_sessions(owner, change):
    session = make_session(owner, day(1), people=["g_1"], city="Karachi")

    with pytest.raises(IntegrityError), transaction.atomic():
        Attendance.objects.update(**change)

    assert session.attendances.get().session_city == "Karachi"


@pytest.mark.django_db
def test_database_refuses_an_attendance_of_a_session_that_has_changed_meanwhile(owner):
    session = make_session(owner, day(1), city="Karachi")
    Session.objects.update(city="Lahore")

    with pytest.raises(DatabaseError), transaction.atomic():
        Attendance.objects.create(session=session, person="g_1", joined_at=day(1))

    assert not Attendance.objects.exists()
