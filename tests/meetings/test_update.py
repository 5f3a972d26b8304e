"""`POST /meetings/update/:meetingId`."""

import pytest

from accounts.enums import Plan
from accounts.models import AuditEvent, User
from config.lib.ids import new_id
from meetings import actions
from meetings.actions import coming
from meetings.actions.coming import Comer
from meetings.models import AccessGrant, Invitation, Meeting
from rooms.enums import RoomRole
from rooms.models import Room, RoomMember
from tests.factories import make_meeting, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def update(api, meeting):
    def send(who, **body):
        api.force_authenticate(who)
        answer = api.post(f"/meetings/update/{meeting.pk}", body, format="json")
        meeting.refresh_from_db()
        return answer.status_code, answer.json().get("code") if answer.content else None

    return send


def test_host_changes_what_the_body_names(update, owner, meeting):
    status = update(
        owner,
        userId=owner.pk,
        title=" Retitled\n planning",
        recordingId=1737978989992,
        transcriptEnabled=False,
        summaryGenerated=True,
        startsAt=1731423600000,
        duration=30,
        timeZone="Europe/Madrid",
    )

    assert status == (204, None)
    assert (meeting.title, meeting.transcript_enabled, meeting.summary_generated) == ("Retitled planning", False, True)
    assert (meeting.recording_ids, meeting.duration_minutes) == (["1737978989992"], 30)
    assert (meeting.starts_at.isoformat(), meeting.time_zone) == ("2024-11-12T15:00:00+00:00", "Europe/Madrid")
    changed = AuditEvent.objects.get(action="UPDATE").resource
    assert changed["fields"] == [
        "duration_minutes",
        "starts_at",
        "summary_generated",
        "time_zone",
        "title",
        "transcript_enabled",
    ]


def test_nothing_is_changed_that_the_body_does_not_name(update, owner, meeting):
    before = Meeting.objects.filter(pk=meeting.pk).values().get()

    assert update(owner) == (204, None)

    assert Meeting.objects.filter(pk=meeting.pk).values().get() == before
    assert Invitation.objects.filter(cancelled_at=None).count() == 1


def test_recording_is_noted_once(update, owner, meeting):
    update(owner, recordingId="one")
    update(owner, recordingId="two")
    update(owner, recordingId="one")

    assert meeting.recording_ids == ["one", "two"]


def test_meeting_has_so_many_recordings_and_no_more(update, owner, meeting):
    Meeting.objects.update(recording_ids=[str(number) for number in range(actions.MAX_RECORDINGS - 1)])

    answers = [update(owner, recordingId=recording_id, title=recording_id) for recording_id in ("last", "more", "0")]

    assert answers == [(204, None), (409, "too_many_recordings"), (204, None)]
    assert (len(meeting.recording_ids), meeting.recording_ids[-1]) == (actions.MAX_RECORDINGS, "last")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("host", 204),
        ("cohost", 204),
        ("participant", 403),
        ("invited", 403),
        ("granted", 403),
        ("roommate", 403),
        ("stranger", 404),
        ("administrator", 403),
    ],
)
def test_host_and_cohosts_may_change_a_meeting(update, stranger, administrator, meeting, person, who, status):
    assert update(person(who), title="Retitled")[0] == status
    assert (meeting.title == "Retitled") == (status == 204)


def test_change_in_the_name_of_another_is_refused(update, owner, stranger, meeting):
    assert update(owner, userId=stranger.pk, title="Retitled") == (403, "not_allowed")
    assert meeting.title == "Weekly planning"


@pytest.mark.parametrize("meeting_id", ["0" * 24, "nothing", "%00"])
def test_meeting_that_is_not_there_is_not_found(api, owner, meeting_id):
    api.force_authenticate(owner)

    answer = api.post(f"/meetings/update/{meeting_id}", {"title": "Retitled"}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_meeting_moves_to_another_room_of_the_host_with_its_cohosts(update, owner, meeting):
    other = Room.objects.create(name="Other", owner=owner)
    RoomMember.objects.create(room=other, user=make_user("second"), role=RoomRole.COHOST)

    assert update(owner, roomId=other.pk) == (204, None)

    assert meeting.room == other
    cohosts = AccessGrant.objects.filter(meeting=meeting, is_cohost=True)
    assert {grant.user.username for grant in cohosts} == {"cohost", "second"}
    assert update(owner, roomId=None) == (204, None)
    assert meeting.room is None


def test_cohost_moves_no_meeting_before_people_of_their_own(update, meeting, room):
    cohost = User.objects.get(username="cohost")
    own = Room.objects.create(name="Own", owner=cohost)

    assert update(cohost, roomId=own.pk) == (403, "not_allowed")
    assert update(cohost, roomId=meeting.room_id) == (204, None)

    assert meeting.room == room


def test_cohost_who_may_give_rights_gives_no_more_by_moving_a_meeting(update, meeting, owner):
    cohost = User.objects.get(username="cohost")
    AccessGrant.objects.create(meeting=meeting, user=cohost, rights=["grant"], granted_by=owner)
    AccessGrant.objects.filter(user=cohost, is_cohost=True).update(rights=["view"])
    own = Room.objects.create(name="Own", owner=cohost)
    RoomMember.objects.create(room=own, user=make_user("accomplice"), role=RoomRole.COHOST)

    assert update(cohost, roomId=own.pk) == (204, None)

    assert not AccessGrant.objects.filter(user__username="accomplice").exists()


def test_meeting_moves_into_no_room_of_others(update, owner, stranger, meeting, room):
    theirs = Room.objects.create(name="Theirs", owner=stranger)

    assert update(owner, roomId=theirs.pk) == (404, "not_found")
    assert meeting.room == room


@pytest.mark.parametrize("name", ["Other", None])
def test_running_meeting_stays_in_its_room(update, owner, meeting, room, name):
    other = Room.objects.create(name=name, owner=owner) if name else None
    actions.start(meeting=meeting, by=owner)

    assert update(owner, roomId=other and other.pk, title="Retitled") == (409, "meeting_running")
    assert update(owner, roomId=room.pk, recordingId="one") == (204, None)
    assert (meeting.room, meeting.title, meeting.recording_ids) == (room, "Weekly planning", ["one"])


def test_running_meeting_of_no_room_moves_into_none_where_another_runs(update, owner, meeting, room):
    running = actions.create(title="Running", host=owner, transcript_enabled=True, by=owner, room=room)
    Meeting.objects.filter(pk=meeting.pk).update(room=None)
    meeting.refresh_from_db()
    for one in (running, meeting):
        actions.start(meeting=one, by=owner)

    assert update(owner, roomId=room.pk, title="Retitled") == (409, "room_busy")
    assert (meeting.room, meeting.title) == (None, "Weekly planning")


def test_running_meeting_of_no_room_takes_those_in_who_are_in_its_room_then(update, owner, meeting, room, stranger):
    Meeting.objects.filter(pk=meeting.pk).update(room=None)
    meeting.refresh_from_db()
    actions.start(meeting=meeting, by=owner)
    coming.arrive([Comer(room_id=room.pk, seat=new_id(), person=stranger.pk, name="Stranger")])

    assert update(owner, roomId=room.pk) == (204, None)

    assert meeting.participants.filter(user=stranger).exists()


@pytest.mark.parametrize(
    ("switch", "column"), [("transcriptEnabled", "transcript_enabled"), ("summaryGenerated", "summary_generated")]
)
def test_plan_of_the_host_decides_about_what_is_switched_on(update, owner, meeting, switch, column):
    update(owner, transcriptEnabled=False)
    User.objects.filter(pk=owner.pk).update(plan=Plan.ESSENTIAL)

    assert update(owner, **{switch: True}) == (403, "feature_not_in_plan")

    # What is on already is not taken away.
    Meeting.objects.filter(pk=meeting.pk).update(**{column: True})
    assert update(owner, **{switch: True}) == (204, None)


@pytest.mark.parametrize("field", [{"startsAt": None}, {"duration": 5}, {"timeZone": "UTC"}, {"invited": []}])
def test_meeting_that_has_ended_gets_no_other_plan(api, owner, field):
    over = make_meeting(owner)
    api.force_authenticate(owner)

    planned = api.post(f"/meetings/update/{over.pk}", field, format="json")
    retitled = api.post(f"/meetings/update/{over.pk}", {"title": "Retitled"}, format="json")

    assert (planned.status_code, planned.json()["code"], retitled.status_code) == (409, "meeting_over", 204)


@pytest.mark.parametrize(("field", "value"), [("title", ""), ("recordingId", "a b"), ("userId", 5), ("duration", 1.5)])
def test_field_that_cannot_be_taken_is_named(api, owner, meeting, field, value):
    api.force_authenticate(owner)

    answer = api.post(f"/meetings/update/{meeting.pk}", {field: value}, format="json")

    assert (answer.status_code, [*answer.json()["errors"]]) == (400, [field])
