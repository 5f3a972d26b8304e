"""People come into rooms and leave them: stays, and the meetings that begin and end by it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from redis import Redis

from config.lib import facts
from config.lib.ids import new_id
from meetings import actions, rules
from meetings.actions import coming
from meetings.actions.coming import Comer
from meetings.exceptions import NoMeetingRuns
from meetings.models import Attendance, Consent, Meeting, Participant, Session
from rooms.actions import places
from rooms.enums import RoomRole
from rooms.models import Room, Ruling
from rooms.realtime.bus import key
from rooms.realtime.standing import Visit
from rooms.tokens import new_guest
from tests.factories import make_room

pytestmark = pytest.mark.django_db

VISIT = Visit.of(origin="https://Meet.Example.com:8443", address="192.0.2.1")
FACTS = ("meeting_started", "meeting_ended", "participant_joined", "participant_left")


@pytest.fixture
def room(owner):
    return make_room(owner)


@pytest.fixture
def come(room):
    def come(person, *, seat="", name="Somebody", room_id=""):
        seat = seat or new_id()
        who = getattr(person, "pk", person)
        coming.arrive([Comer(room_id=room_id or room.pk, seat=seat, person=who, name=name, visit=VISIT)])
        return seat

    return come


@pytest.fixture
def plan(owner, room):
    def plan(title="Planned", **times):
        return actions.create(
            title=title, host=owner, transcript_enabled=False, by=owner, room=room, plan={**times} if times else None
        )

    return plan


@pytest.fixture
def heard(monkeypatch):
    """Note the facts that are stated of meetings, and of whom."""
    told = []

    def listener(fact):
        def listen(meeting=None, stays=()):
            told.extend([fact] if meeting else [(fact, stay.person, stay.reason) for _, stay in stays])

        return listen

    for fact in FACTS:
        monkeypatch.setitem(facts._subscribers, fact, [listener(fact)])
    return told


def comer(room, person):
    who = getattr(person, "pk", person)
    return Comer(room_id=room.pk, seat=new_id(), person=who, name="Somebody", visit=VISIT)


def apart(act):
    """Make it right to call in a thread of its own."""

    def call(about):
        try:
            return act(about)
        finally:
            connection.close()

    return call


def running(room):
    return Meeting.objects.running_in(room.pk)


def test_host_begins_a_meeting_with_the_name_of_the_room(owner, room, come, heard):
    seat = come(owner, name="Owner Tester")

    meeting, session, stay = running(room), Session.objects.get(), Attendance.objects.get()
    assert (meeting.title, meeting.host, meeting.transcript_enabled) == ("Planning", owner, True)
    assert (session.room, session.host, session.domain, session.is_over) == (room, owner, "meet.example.com", False)
    assert (stay.person, stay.user, stay.seat, stay.left_at) == (owner.pk, owner, seat, None)
    assert heard == ["meeting_started", ("participant_joined", owner.pk, "")]
    assert rules.people_in(room.pk) == {owner.pk}


def test_saying_again_that_somebody_sits_changes_nothing(owner, room, come, heard):
    seat = come(owner)
    heard.clear()

    come(owner, seat=seat)

    assert (Attendance.objects.count(), Participant.objects.count(), heard) == (1, 1, [])


@pytest.mark.django_db(transaction=True)
def test_many_come_at_once_and_leave_at_once(owner, room, come):
    people = [owner.pk, owner.pk, *(new_guest() for _ in range(6))]
    with ThreadPoolExecutor(len(people)) as pool:
        seats = [*pool.map(apart(come), people)]
        joined = running(room).participants.count()
        pool.map(apart(lambda seat: coming.leave(seat=seat, reason="left")), seats)

    assert (joined, Meeting.objects.count(), Session.objects.filter(is_over=True).count()) == (7, 1, 1)
    assert Attendance.objects.filter(left_at__isnull=False, reason="left").count() == 8


def test_nobody_but_the_host_begins_a_meeting_that_was_not_planned(room, member, come):
    guest = new_guest()
    come(member)
    come(guest)

    assert running(room) is None
    assert rules.people_in(room.pk) == {member.pk, guest}


def test_those_who_waited_are_in_the_meeting_when_it_starts(owner, room, member, come, heard):
    guest = new_guest()
    come(member, name="Member Tester")
    come(guest, name="Carl")
    come(owner, name="Owner Tester")

    rows = running(room).participants.values_list("position", "name", "user", "guest")
    assert [*rows] == [
        (0, "Member Tester", member.pk, ""),
        (1, "Carl", None, guest),
        (2, "Owner Tester", owner.pk, ""),
    ]
    joined = [("participant_joined", person, "") for person in (member.pk, guest, owner.pk)]
    assert heard == ["meeting_started", *joined]


@pytest.mark.parametrize(
    ("hours", "begins"), [(None, True), (0, True), (0.5, True), (-23, True), (2, False), (-25, False)]
)
def test_planned_meeting_begins_with_whoever_comes_at_its_time(room, member, come, plan, hours, begins):
    planned = plan(starts_at=timezone.now() + timedelta(hours=hours)) if hours is not None else plan()

    come(member)

    assert running(room) == (planned if begins else None)


def test_of_several_planned_meetings_the_one_begins_whose_turn_it_is(room, member, come, plan):
    now = timezone.now()
    plan()
    plan(starts_at=now - timedelta(hours=3))
    due = plan(starts_at=now)

    come(member)

    assert running(room) == due


def test_person_with_two_devices_is_one_participant_until_both_are_gone(owner, member, room, come, heard):
    come(owner)
    heard.clear()
    seats = [come(member), come(member)]

    for seat in seats:
        coming.leave(seat=seat, reason="left")

    assert Participant.objects.filter(user=member).count() == 1
    assert heard == [("participant_joined", member.pk, ""), ("participant_left", member.pk, "left")]


def test_who_comes_back_has_another_stay_and_is_the_same_participant(owner, member, room, come):
    come(owner)
    seat = come(member)
    coming.leave(seat=seat, reason="lost")
    come(member, seat=seat)

    stays = Attendance.objects.filter(person=member.pk).order_by("joined_at")
    assert [stay.reason for stay in stays] == ["lost", ""]
    assert Participant.objects.filter(user=member).count() == 1


def test_session_ends_with_the_last_stay_and_leaving_twice_is_leaving_once(owner, member, room, come):
    first, second = come(owner), come(member)
    coming.leave(seat=first, reason="left")
    is_open = not Session.objects.get().is_over
    for reason in ("removed", "lost"):
        coming.leave(seat=second, reason=reason)

    assert (is_open, Session.objects.get().is_over) == (True, True)
    assert {*Attendance.objects.values_list("person", "reason")} == {(owner.pk, "left"), (member.pk, "removed")}
    assert running(room).is_running


def test_seat_that_never_came_does_not_leave(room):
    coming.leave(seat=new_id(), reason="left")

    assert not Session.objects.exists()


def test_seat_in_a_room_that_was_deleted_is_left(owner, room, member, come):
    seat = come(member)
    Room.objects.filter(pk=room.pk).delete()

    coming.leave(seat=seat, reason="room_deleted")

    assert (Attendance.objects.get().reason, Session.objects.get().is_over) == ("room_deleted", True)


def test_nobody_comes_into_a_room_that_is_not_there(member, room):
    comers = [Comer(room_id=each, seat=new_id(), person=member.pk, name="Member") for each in (new_id(), room.pk)]

    assert coming.arrive(comers) == {room.pk: None}
    assert [stay.session.room for stay in Attendance.objects.all()] == [room]


def test_people_come_into_several_rooms_in_few_queries(owner, member, room, django_assert_max_num_queries):
    rooms = [room, *(make_room(owner, name=f"Room {number}") for number in range(3))]
    begun = coming.arrive([comer(each, owner) for each in rooms])
    crowd = [comer(each, who) for each in rooms for who in (member, member, new_guest(), new_guest(), owner)]

    with django_assert_max_num_queries(20):
        then = coming.arrive(crowd)

    assert (begun.keys(), then) == ({each.pk for each in rooms}, begun)
    assert Attendance.objects.count() == len(rooms) + len(crowd)
    for meeting in then.values():
        assert [*meeting.participants.values_list("position", flat=True).order_by("position")] == [0, 1, 2, 3]


def test_owner_of_a_room_who_comes_into_another_begins_no_meeting_there(owner, member, stranger):
    rooms = [make_room(owner), make_room(member, name="Of the member")]

    begun = coming.arrive([comer(rooms[0], member), comer(rooms[1], stranger), comer(rooms[0], stranger)])

    assert begun == {rooms[0].pk: None, rooms[1].pk: None}


def test_arrival_that_fails_leaves_nothing(owner, room, come, monkeypatch):
    def fail(meeting):
        raise InterruptedError

    monkeypatch.setitem(facts._subscribers, "meeting_started", [fail])

    with pytest.raises(InterruptedError):
        come(owner)

    assert [model.objects.count() for model in (Session, Attendance, Meeting, Participant)] == [0, 0, 0, 0]


def test_meeting_that_ends_sends_everybody_away_and_forgets_what_was_decided(owner, member, room, come, heard):
    come(owner)
    come(member)
    come(member)
    Ruling.objects.create(room=room, person=member.pk, role=RoomRole.VIEWER)
    Room.objects.update(is_locked=True)
    heard.clear()

    actions.end(meeting=running(room), by=owner)

    room.refresh_from_db()
    assert (Session.objects.get().is_over, room.is_locked, Ruling.objects.exists()) == (True, False, False)
    assert {*Attendance.objects.values_list("reason", flat=True)} == {"meeting_ended"}
    left = [("participant_left", person, "meeting_ended") for person in (owner.pk, member.pk)]
    assert heard == [*left, "meeting_ended"]


def test_meeting_ends_with_its_room(owner, room, come, plan, heard):
    to_come = plan()
    come(owner)
    running_one, other = running(room), plan(starts_at=timezone.now() + timedelta(days=3))
    heard.clear()

    places.delete(room=room, by=owner)

    ended = {meeting: meeting.is_over for meeting in Meeting.objects.all()}
    assert (running_one, ended) == (to_come, {to_come: True, other: False})
    assert heard == [("participant_left", owner.pk, "meeting_ended"), "meeting_ended"]


def test_room_in_which_no_meeting_runs_is_deleted_alone(owner, room, plan, heard):
    planned = plan()

    places.delete(room=room, by=owner)

    planned.refresh_from_db()
    assert (planned.is_over, planned.room, heard) == (False, None, [])


def test_planned_meeting_that_is_ended_disturbs_nobody_in_its_room(owner, member, room, come, plan):
    come(member)
    planned = plan()

    actions.end(meeting=planned, by=owner)

    assert (Session.objects.get().is_over, rules.people_in(room.pk)) == (False, {member.pk})


def test_meeting_in_no_room_starts_and_ends(owner):
    meeting = actions.create(title="Nowhere", host=owner, transcript_enabled=False, by=owner)

    actions.start(meeting=meeting, by=owner)

    assert actions.end(meeting=meeting, by=owner).is_over


def left_for(seconds):
    """Make it so many seconds ago that everything happened."""
    then = timezone.now() - timedelta(seconds=seconds)
    Meeting.objects.update(started_at=then - timedelta(seconds=60))
    Attendance.objects.filter(left_at__isnull=False).update(joined_at=then, left_at=then)


def test_meeting_ends_some_time_after_the_last_person_left(owner, room, come):
    coming.leave(seat=come(owner), reason="left")
    meeting = running(room)
    left_for(settings.MEETING_LEFT_SECONDS - 60)
    coming.end_left()
    is_early = running(room) == meeting
    left_for(settings.MEETING_LEFT_SECONDS + 1)
    coming.end_left()

    meeting.refresh_from_db()
    assert (is_early, meeting.is_over) == (True, True)


def test_meeting_goes_on_while_somebody_is_there(owner, member, room, come):
    coming.leave(seat=come(owner), reason="left")
    left_for(settings.MEETING_LEFT_SECONDS + 1)
    found = Meeting.objects.left_before(timezone.now()).get()
    come(member)

    coming.end_left()
    coming._end_left(found, timezone.now())

    assert running(room) is not None


def test_meeting_whose_room_nobody_entered_goes_on(owner, room, plan):
    actions.start(meeting=plan(), by=owner)
    Meeting.objects.update(started_at=timezone.now() - timedelta(days=1))

    coming.end_left()

    assert running(room) is not None


def test_stay_whose_seat_nobody_knows_is_lost_at_the_second_look(owner, member, room, come):
    lost, known = come(owner), come(member)
    Redis.from_url(settings.REDIS_URL).hset(key(room.pk, "seats"), known, "{}")
    sweep = coming.LostStays()

    sweep.end()
    after_one = rules.people_in(room.pk)
    sweep.end()
    sweep.end()

    assert (after_one, rules.people_in(room.pk)) == ({owner.pk, member.pk}, {member.pk})
    assert Attendance.objects.get(seat=lost).reason == "lost"


def test_stay_in_a_room_that_was_deleted_is_lost(room, member, come):
    come(member)
    Room.objects.filter(pk=room.pk).delete()
    sweep = coming.LostStays()

    sweep.end()
    sweep.end()

    assert Attendance.objects.get().reason == "lost"


def test_guests_and_users_say_whether_they_take_part(owner, member, room, come):
    guest = new_guest()
    come(owner)
    for person in (guest, member.pk, owner.pk):
        actions.answer_consent(room_id=room.pk, person=person, take_part=False)
    actions.answer_consent(room_id=room.pk, person=member.pk, take_part=True)

    assert rules.withheld_in(room.pk) == {guest, owner.pk}
    assert {str(consent) for consent in Consent.objects.all()} == {
        f"{guest}: False",
        f"{owner.pk}: False",
        f"{member.pk}: True",
    }


def test_nobody_says_so_while_no_meeting_runs(member, room):
    with pytest.raises(NoMeetingRuns):
        actions.answer_consent(room_id=room.pk, person=member.pk, take_part=False)


def test_consent_of_a_meeting_in_no_room_is_noted(owner):
    meeting = actions.create(title="Nowhere", host=owner, transcript_enabled=False, by=owner)

    actions.give_consent(meeting=meeting, take_part=False, by=owner)

    assert rules.takes_part(owner, meeting) is False
