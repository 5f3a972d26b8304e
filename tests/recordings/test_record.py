"""`POST /recording/start` and `/recording/stop`."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.enums import Plan
from accounts.models import AuditEvent, User
from config.lib.times import iso
from meetings.models import Meeting
from recordings import actions
from recordings.enums import RecordingState
from recordings.models import Recording, Track
from rooms.enums import RoomRole
from rooms.exceptions import RoomNotFound
from rooms.models import Room, RoomMember
from tests.factories import make_meeting

pytestmark = pytest.mark.django_db

RECORDING, STREAM = "1756364334628_738386", 755961800257348400
BEGAN_MS = 1756364334634


@pytest.fixture
def room(owner) -> Room:
    return Room.objects.create(name="Planning", owner=owner)


@pytest.fixture
def start(api, owner, room):
    def start(user=owner, at=room, **fields):
        api.force_authenticate(user)
        body = {
            "roomId": at.pk,
            "userName": "Haseeb Asif",
            "streamId": STREAM,
            "recordingId": RECORDING,
            "startTime": BEGAN_MS,
            "videoType": "video",
            "status": "pending",
        }
        return api.post("/recording/start", {**body, **fields}, format="json")

    return start


@pytest.fixture
def stop(api, owner):
    def stop(user=owner, **fields):
        api.force_authenticate(user)
        body = {"recordingId": RECORDING, "streamId": STREAM, "endTime": BEGAN_MS + 60_000}
        return api.post("/recording/stop", {**body, **fields}, format="json")

    return stop


def join(room: Room, user: User, role: str = RoomRole.PARTICIPANT) -> None:
    RoomMember.objects.create(room=room, user=user, role=role)


def test_first_stream_makes_the_recording(start, room):
    answer = start()

    recording, track = Recording.objects.get(), Track.objects.get()
    assert (answer.status_code, answer.json()) == (
        201,
        {
            "success": True,
            "data": {
                "_id": recording.pk,
                "roomId": room.pk,
                "meetingId": None,
                "recordingId": RECORDING,
                "hostName": "Haseeb Asif",
                "status": False,
                "state": "recording",
                "createdAt": iso(recording.created_at),
                "updatedAt": iso(recording.updated_at),
                "tracks": [
                    {
                        "_id": track.pk,
                        "streamId": "755961800257348400",
                        "userName": "Haseeb Asif",
                        "videoType": "video",
                        "startedAt": "2025-08-28T06:58:54.634Z",
                        "endedAt": None,
                        "durationMs": 0,
                        "size": 0,
                    }
                ],
                "completeness": {"expectedMs": 0, "capturedMs": 0, "missing": []},
            },
        },
    )


def test_starting_and_stopping_are_audited(start, stop, owner, room):
    start()
    stop()

    events = AuditEvent.objects.filter(action__contains="RECORDING").order_by("pk")
    resource = {"roomId": room.pk, "recordingId": RECORDING, "streamId": str(STREAM)}
    assert [(event.action, event.user_id, event.resource) for event in events] == [
        ("START-RECORDING", owner.pk, resource),
        ("STOP-RECORDING", owner.pk, resource),
    ]


def test_further_stream_is_another_track_and_the_host_stays(start, room, member):
    join(room, member)
    start()

    answer = start(member, userName="Anna", streamId="2", videoType="screen")

    data = answer.json()["data"]
    assert (answer.status_code, data["hostName"], Recording.objects.count()) == (201, "Haseeb Asif", 1)
    assert [(track["streamId"], track["userName"], track["videoType"]) for track in data["tracks"]] == [
        (str(STREAM), "Haseeb Asif", "video"),
        ("2", "Anna", "screen"),
    ]
    assert [track.started_by for track in Track.objects.order_by("pk")] == [room.owner, member]


def test_same_facts_again_are_answered_again(start, stop):
    first = start().json()

    again = start(streamId=str(STREAM), startTime="2025-08-28T06:58:54.634Z")
    stop()
    late = start()

    assert (again.status_code, again.json()) == (201, first)
    assert (late.status_code, late.json()["data"]["state"]) == (201, "interrupted")
    assert Track.objects.count() == 1


@pytest.mark.parametrize("fields", [{"userName": "Anna"}, {"startTime": BEGAN_MS + 1}, {"videoType": "audio"}])
def test_other_facts_for_the_same_stream_conflict(start, fields):
    start()

    answer = start(**fields)

    assert (answer.status_code, answer.json()["code"]) == (409, "track_conflict")
    assert Track.objects.get().user_name == "Haseeb Asif"


def test_same_ids_in_another_room_are_another_recording(start, owner):
    start()

    assert start(at=Room.objects.create(name="Other", owner=owner)).status_code == 201
    assert (Recording.objects.count(), Track.objects.count()) == (2, 2)


def test_database_keeps_streams_apart_too(start, room):
    start()
    recording = Recording.objects.get()

    for clashing in (Recording(room=room, recording_id=RECORDING), Track(recording=recording, stream_id=str(STREAM))):
        with pytest.raises(IntegrityError), transaction.atomic():
            clashing.save()


def test_recording_belongs_to_the_meeting_that_runs_in_the_room(start, owner, room):
    meeting = make_meeting(owner)
    began = timezone.now() - timedelta(minutes=1)
    Meeting.objects.update(room=room, started_at=began, ended_at=None)

    answer = start(startTime=int((began.timestamp() + 5) * 1000))
    start(streamId="early", startTime=BEGAN_MS)
    start(streamId="late", startTime=253402300799000)

    meeting.refresh_from_db()
    assert (answer.json()["data"]["meetingId"], meeting.recording_ids) == (meeting.pk, [RECORDING])
    # A client whose clock is years off is taken for one that began with the meeting, or never.
    assert [track.offset_ms for track in Track.objects.order_by("pk")] == [
        pytest.approx(5000, abs=2),
        0,
        2**31 - 1,
    ]


def test_recording_that_began_before_the_meeting_joins_it_with_the_next_stream(start, owner, room):
    start()
    meeting = make_meeting(owner)
    Meeting.objects.update(room=room, ended_at=None)

    assert start(streamId="2").json()["data"]["meetingId"] == meeting.pk


def test_recording_that_is_being_made_ready_takes_no_further_stream(start):
    start()
    Recording.objects.update(state=RecordingState.PROCESSING)

    answer = start(streamId="2")

    assert (answer.status_code, answer.json()["code"], Track.objects.count()) == (409, "recording_over", 1)


def test_recording_takes_so_many_streams_and_no_more(start):
    start()
    recording = Recording.objects.get()
    Track.objects.bulk_create(
        Track(recording=recording, stream_id=f"s{number}") for number in range(actions.MAX_STREAMS - 1)
    )

    answer, again = start(streamId="more"), start()

    assert (answer.status_code, answer.json()["code"], again.status_code) == (409, "too_many_streams", 201)
    assert Track.objects.count() == actions.MAX_STREAMS


@pytest.mark.parametrize(
    ("role", "status"),
    [(RoomRole.COHOST, 201), (RoomRole.PRESENTER, 201), (RoomRole.PARTICIPANT, 201), (RoomRole.VIEWER, 403)],
)
def test_role_in_the_room_decides_who_records(start, room, member, role, status):
    join(room, member, role)

    assert start(member).status_code == status


def test_stranger_cannot_tell_that_there_is_a_room(start, stranger):
    answer = start(stranger)

    assert (answer.status_code, answer.json()["message"]) == (404, "There is no such room.")


def test_administrator_neither_starts_nor_stops(start, stop, administrator):
    answers = [start(administrator), stop(administrator)]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (403, "content_closed_to_admins")
    ] * 2


@pytest.mark.parametrize("act", ["start", "stop"])
def test_nobody_signed_in_is_refused(api, act):
    assert api.post(f"/recording/{act}", {}, format="json").json()["code"] == "not_authenticated"


def test_every_plan_records(start, owner):
    User.objects.filter(pk=owner.pk).update(plan=Plan.ESSENTIAL)

    assert start().status_code == 201


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"roomId": "x"}, "roomId"),
        ({"userName": "\x07"}, "userName"),
        ({"streamId": "a b"}, "streamId"),
        ({"recordingId": 1.5e300}, "recordingId"),
        ({"startTime": "now"}, "startTime"),
        ({"videoType": "hologram"}, "videoType"),
        ({"status": None}, "status"),
    ],
)
def test_field_that_is_not_valid_is_named(start, fields, wrong):
    answer = start(**fields)

    assert (answer.status_code, answer.json()["errors"].keys()) == (400, {wrong})
    assert not Recording.objects.exists()


def test_room_that_was_deleted_meanwhile_is_not_there(owner, room):
    Room.objects.filter(pk=room.pk).delete()

    with pytest.raises(RoomNotFound):
        actions.start_track(
            room=room,
            recording_id="r",
            stream_id="s",
            name="Anna",
            video_type="video",
            started_at=timezone.now(),
            by=owner,
        )

    assert not Recording.objects.exists()


def test_stopping_the_last_stream_interrupts_the_recording(start, stop):
    start()
    start(streamId="2", startTime=BEGAN_MS + 10_000)

    first = stop()
    between = Recording.objects.get().state
    second = stop(streamId="2")

    assert (first.status_code, first.content, second.status_code) == (204, b"", 204)
    assert (between, Recording.objects.get().state) == ("recording", "interrupted")


def test_recording_goes_on_with_a_further_stream(start, stop):
    start()
    stop()

    assert start(streamId="2").json()["data"]["state"] == "recording"


def test_stopping_again_changes_nothing(start, stop):
    start()
    stop()

    again = stop(endTime=BEGAN_MS + 90_000)

    assert (again.status_code, Track.objects.get().expected_ms) == (204, 60_000)
    assert AuditEvent.objects.filter(action="STOP-RECORDING").count() == 1


def test_stream_cannot_end_before_it_started(start, stop):
    start()

    answer = stop(endTime=BEGAN_MS - 1)

    assert (answer.status_code, answer.json()["errors"].keys()) == (400, {"endTime"})
    assert Track.objects.get().is_open


def test_database_lets_no_stream_end_before_it_started(start):
    start()

    with pytest.raises(IntegrityError), transaction.atomic():
        Track.objects.update(ended_at="2001-01-01T00:00:00Z")


def test_whoever_started_a_stream_stops_it(start, stop, room, member):
    join(room, member)
    start(member)
    RoomMember.objects.all().delete()

    assert stop(member).status_code == 204


def test_stream_whose_room_is_gone_is_stopped_by_whoever_started_it(start, stop):
    start()
    Room.objects.all().delete()

    assert (stop().status_code, Recording.objects.get().state) == (204, "interrupted")


def test_cohost_stops_what_others_started(start, stop, room, member):
    join(room, member, RoomRole.COHOST)
    start()

    assert stop(member).status_code == 204


def test_who_only_takes_part_stops_nothing_of_others(start, stop, room, member):
    join(room, member)
    start()

    answer = stop(member)

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert Track.objects.get().is_open


def test_unknown_and_foreign_streams_are_not_told_apart(start, stop, stranger):
    start()

    answers = [stop(stranger), stop(streamId="2"), stop(recordingId="2")]

    assert [(answer.status_code, answer.json()["message"]) for answer in answers] == [
        (404, "There is no such recording.")
    ] * 3


def test_of_two_rooms_with_the_same_ids_the_newest_open_stream_is_stopped(start, stop, owner, room):
    newer = Room.objects.create(name="Newer", owner=owner)
    start()
    start(at=newer)

    stop()
    first = Track.objects.exclude(ended_at=None).get().recording.room
    stop()

    assert (first, Track.objects.filter(ended_at=None).exists()) == (newer, False)


@pytest.mark.django_db(transaction=True)
def test_streams_that_begin_at_once_make_one_recording(owner, room):
    others = 8
    began = Barrier(others)

    def begin(number: int) -> str:
        try:
            began.wait()
            return actions.start_track(
                room=room,
                recording_id=RECORDING,
                stream_id=str(number % 4),
                name="Anna",
                video_type="audio",
                started_at=timezone.datetime.fromtimestamp(BEGAN_MS / 1000, timezone.get_default_timezone()),
                by=owner,
            ).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(others) as pool:
        made = list(pool.map(begin, range(others)))

    assert (len(set(made)), Recording.objects.count(), Track.objects.count()) == (1, 1, 4)
