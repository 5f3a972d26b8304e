"""Sessions and who attends them."""

from threading import Thread

import pytest
from django.db import IntegrityError, connection, transaction

from meetings import attending
from meetings.exceptions import SessionIsOver
from meetings.models import Attendance, Session
from rooms.models import Room


@pytest.fixture
def room(owner):
    return Room.objects.create(name="Planning", type="webinar", owner=owner)


@pytest.fixture
def session(room):
    return attending.open_session(room=room, domain="Meet.Example.com")


def join(session, person, **about):
    (stay,) = attending.join([Attendance(session=session, person=person, **about)])
    return stay


@pytest.mark.django_db
def test_session_is_of_the_room_its_host_and_their_country(session, room, owner):
    assert (session.room, session.host, session.type, session.domain) == (room, owner, "webinar", "meet.example.com")
    assert (session.country_code, session.country_name, session.region, session.city) == ("ES", "Spain", "", "")
    assert (session.is_over, session.ended_at) == (False, None)


@pytest.mark.django_db
def test_session_is_opened_once_until_it_is_over(session, room):
    again = attending.open_session(room=room, domain="other.example.com")
    attending.close_session(session=session)
    after = attending.open_session(room=room, domain="other.example.com")

    assert (again, again.domain) == (session, "meet.example.com")
    assert (after == session, after.domain) == (False, "other.example.com")


@pytest.mark.django_db(transaction=True)
def test_session_is_opened_once_by_many_at_once(room):
    opened = []

    def open_it():
        opened.append(attending.open_session(room=room, domain="example.com").pk)
        connection.close()

    threads = [Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(opened), len(set(opened))) == (6, 1)


@pytest.mark.django_db
def test_person_comes_and_leaves(session, member):
    stay = join(session, member.pk, user=member, name="Member")
    attending.leave(attendance=stay, reason="left")
    left_at = Attendance.objects.get().left_at
    attending.leave(attendance=stay, reason="again")

    stay.refresh_from_db()
    assert (stay.person, stay.user, stay.name) == (member.pk, member, "Member")
    assert (stay.left_at, stay.reason) == (left_at, "left")
    assert left_at >= stay.joined_at


@pytest.mark.django_db
def test_session_ends_with_all_who_are_still_there(session):
    gone = join(session, "g_1")
    there = join(session, "g_2")
    attending.leave(attendance=gone)
    gone.refresh_from_db()
    left_at = gone.left_at

    attending.close_session(session=session)

    session.refresh_from_db()
    for stay in (gone, there):
        stay.refresh_from_db()
    assert (session.is_over, there.left_at, gone.left_at) == (True, session.ended_at, left_at)
    assert (there.session_is_over, gone.session_is_over) == (True, True)


@pytest.mark.django_db
def test_session_that_is_over_stays_as_it_is(session):
    attending.close_session(session=session)
    ended_at = Session.objects.get().ended_at

    attending.close_session(session=session)

    assert Session.objects.get().ended_at == ended_at
    with pytest.raises(SessionIsOver):
        join(session, "g_1")
    assert not Attendance.objects.exists()


@pytest.mark.django_db
def test_room_has_one_open_session(session, room):
    with pytest.raises(IntegrityError), transaction.atomic():
        Session.objects.create(room=room, host=room.owner, type=room.type, started_at=session.started_at)
