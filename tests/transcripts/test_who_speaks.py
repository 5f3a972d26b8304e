"""Whose words a transcript takes, and what adding one makes of whoever adds it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from meetings import actions
from meetings.models import Meeting
from rooms.enums import RoomRole
from rooms.models import Room, RoomMember
from transcripts.actions import MAX_LABELS
from transcripts.models import Line

pytestmark = pytest.mark.django_db


@pytest.fixture
def to_come(owner, member) -> Meeting:
    """A meeting that has not started, in a room that `member` belongs to."""
    room = Room.objects.create(name="Planning", owner=owner)
    RoomMember.objects.create(room=room, user=member, role=RoomRole.PARTICIPANT)
    return actions.create(title="Planning", host=owner, transcript_enabled=True, by=owner, room=room)


def run(meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(started_at=timezone.now() - timedelta(minutes=1))


def send(api, user, meeting, name="Member"):
    api.force_authenticate(user)
    answer = api.post("/send-transcript", {"meetingId": meeting.pk, "userName": name, "message": "Hi."}, format="json")
    return answer.status_code, answer.json().get("code")


def test_only_managers_begin_a_meeting_by_speaking(api, owner, member, to_come):
    assert send(api, member, to_come) == (409, "not_started")
    assert send(api, owner, to_come) == (201, None)
    assert send(api, member, to_come) == (201, None)


def test_who_only_watches_adds_nothing_and_reads_nothing(api, member, to_come):
    run(to_come)
    RoomMember.objects.update(role=RoomRole.VIEWER)

    assert send(api, member, to_come) == (403, "not_allowed")

    assert not Line.objects.exists()
    assert not Meeting.objects.visible_to(member).exists()


def test_meeting_that_is_over_takes_words_of_those_who_were_there(api, owner, member, stranger, to_come):
    RoomMember.objects.create(room=to_come.room, user=stranger, role=RoomRole.PARTICIPANT)
    run(to_come)
    assert send(api, member, to_come) == (201, None)
    Meeting.objects.update(ended_at=timezone.now())

    assert send(api, member, to_come) == (201, None)
    assert send(api, owner, to_come, "Owner") == (201, None)
    assert send(api, stranger, to_come) == (404, "not_found")

    assert Line.objects.count() == 3


def test_nobody_speaks_under_names_without_end(api, member, to_come):
    run(to_come)
    for number in range(MAX_LABELS):
        assert send(api, member, to_come, f"Name {number}") == (201, None)

    assert send(api, member, to_come, "One more") == (409, "too_many_labels")
    assert send(api, member, to_come, "Name 3") == (201, None)
