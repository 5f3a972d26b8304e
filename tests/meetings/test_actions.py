"""The beginning and the end of meetings, and what upper apps hear of them."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import AuditEvent
from config.lib import facts
from meetings import actions
from meetings.exceptions import MeetingNotFound, MeetingOver, RoomBusy
from meetings.models import Meeting
from rooms.actions import places
from rooms.exceptions import RoomNotFound
from tests.accounts.conftest import wait_for_waiting
from tests.factories import make_meeting, make_room

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard(monkeypatch):
    """Note the facts that are stated of meetings."""
    told = []
    for fact in ("meeting_started", "meeting_ended", "meeting_deleted"):
        listeners = [lambda meeting, fact=fact: told.append((fact, meeting.pk))]
        monkeypatch.setitem(facts._subscribers, fact, listeners)
    return told


@pytest.fixture
def make(owner, room):
    return lambda title="Planning": actions.create(
        title=title, host=owner, transcript_enabled=True, by=owner, room=room
    )


def test_meeting_starts_and_ends_once(owner, make, heard):
    meeting = make()

    first = [actions.start(meeting=meeting, by=owner).started_at for _ in range(2)]
    last = [actions.end(meeting=meeting, by=owner).ended_at for _ in range(2)]

    assert first[0] == first[1] <= last[0] == last[1]
    assert heard == [("meeting_started", meeting.pk), ("meeting_ended", meeting.pk)]
    assert [row.action for row in AuditEvent.objects.order_by("pk")] == ["CREATE", "START", "END"]


def test_meeting_that_has_ended_does_not_start_again(owner, make):
    meeting = actions.end(meeting=make(), by=owner)

    with pytest.raises(MeetingOver):
        actions.start(meeting=meeting, by=None)


def test_meeting_that_never_started_began_and_ended_at_once(owner, make, heard):
    meeting = actions.end(meeting=make(), by=owner)

    assert meeting.started_at == meeting.ended_at
    assert heard == [("meeting_ended", meeting.pk)]


def test_second_meeting_starts_in_a_room_when_the_first_has_ended(owner, make):
    first, second = make("First"), make("Second")
    actions.start(meeting=first, by=owner)

    with pytest.raises(RoomBusy):
        actions.start(meeting=second, by=owner)
    actions.end(meeting=first, by=owner)

    assert actions.start(meeting=second, by=owner).is_running


def test_start_that_fails_is_not_heard_of(owner, make, heard):
    first, second = make("First"), make("Second")
    actions.start(meeting=first, by=owner)
    heard.clear()

    with pytest.raises(RoomBusy):
        actions.start(meeting=second, by=owner)

    second.refresh_from_db()
    assert (second.started_at, heard) == (None, [])


def test_deletion_of_a_running_meeting_ends_it(owner, make, heard):
    meeting = actions.start(meeting=make(), by=owner)
    heard.clear()

    actions.delete(meeting=meeting, by=owner)

    assert heard == [("meeting_ended", meeting.pk), ("meeting_deleted", meeting.pk)]


@pytest.mark.parametrize("act", [actions.start, actions.end, actions.delete])
def test_meeting_that_somebody_deleted_meanwhile_is_not_found(owner, make, act):
    meeting = make()
    Meeting.objects.all().delete()

    with pytest.raises(MeetingNotFound):
        act(meeting=meeting, by=owner)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("count", [4])
def test_of_meetings_that_start_in_one_room_at_once_one_does(owner, make, count):
    meetings = [make(str(number)) for number in range(count)]
    together, ends = threading.Barrier(count), []

    def start(meeting):
        together.wait()
        try:
            actions.start(meeting=meeting, by=owner)
            ends.append("running")
        except RoomBusy:
            ends.append("busy")
        finally:
            connection.close()

    threads = [threading.Thread(target=start, args=(meeting,)) for meeting in meetings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ends) == ["busy"] * (count - 1) + ["running"]
    assert Meeting.objects.filter(started_at__isnull=False).count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_meeting_that_is_started_by_many_at_once_starts_once(owner, make):
    meeting, together = make(), threading.Barrier(4)

    def start():
        together.wait()
        actions.start(meeting=meeting, by=owner)
        connection.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert AuditEvent.objects.filter(action="START").count() == 1


def test_fault_of_ours_is_not_taken_for_a_busy_room(owner, make):
    with pytest.raises(IntegrityError):
        actions.update(meeting=make(), changes={"duration_minutes": -1}, by=owner)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["create", "update"])
def test_meeting_finds_no_place_in_a_room_that_is_deleted_meanwhile(owner, make, act):
    meeting, room = make(), make_room(owner, name="Other")

    def move() -> None:
        try:
            if act == "update":
                actions.update(meeting=meeting, changes={"room": room}, by=owner)
            else:
                actions.create(title="New", host=owner, transcript_enabled=False, by=owner, room=room)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            places.delete(room=room, by=owner)
            moving = pool.submit(move)
            wait_for_waiting(1)
        with pytest.raises(RoomNotFound):
            moving.result()

    assert Meeting.objects.get().room == meeting.room


@pytest.mark.parametrize("fields", [{"ended_at": True}, {"started_at": True, "other": True}])
def test_database_refuses_what_must_not_be(owner, room, fields):
    now = timezone.now()
    if fields.pop("other", False):
        Meeting.objects.create(title="Running", host=owner, room=room, started_at=now)

    with pytest.raises(IntegrityError), transaction.atomic():
        Meeting.objects.create(title="Planning", host=owner, room=room, **dict.fromkeys(fields, now))


def test_recording_is_noted_once_by_whoever_makes_it(owner):
    meeting = make_meeting(owner)

    for _ in range(2):
        actions.add_recording(meeting=meeting, recording_id="one")

    meeting.refresh_from_db()
    assert meeting.recording_ids == ["one"]
