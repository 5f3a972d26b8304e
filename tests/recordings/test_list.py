"""`GET /recordings/list`."""

import pytest

from config.lib.times import iso
from meetings.enums import Right
from meetings.models import AccessGrant, Participant
from recordings.enums import RecordingState
from recordings.models import Recording, Track
from rooms.enums import RoomRole
from rooms.models import Room, RoomMember
from tests.factories import make_meeting

pytestmark = pytest.mark.django_db


@pytest.fixture
def room(owner) -> Room:
    return Room.objects.create(name="Planning", owner=owner)


def make_recording(recording_id: str, **fields) -> Recording:
    return Recording.objects.create(recording_id=recording_id, host_name="Anna", **fields)


def ids(answer) -> list[str]:
    return [recording["recordingId"] for recording in answer.json()]


def test_list_shows_each_recording_with_its_tracks_and_what_is_missing(api, owner, room):
    recording = make_recording("r1", room=room, state=RecordingState.INTERRUPTED)
    stopped = Track.objects.create(
        recording=recording,
        stream_id="755961800257348400",
        user_name="Anna",
        video_type="video",
        started_at="2025-08-28T06:58:54.634Z",
        ended_at="2025-08-28T06:59:54.634Z",
        duration_ms=15_000,
        size=5,
    )
    api.force_authenticate(owner)

    answer = api.get("/recordings/list")

    assert (answer.status_code, answer.json()) == (
        200,
        [
            {
                "_id": recording.pk,
                "roomId": room.pk,
                "meetingId": None,
                "recordingId": "r1",
                "hostName": "Anna",
                "status": False,
                "state": "interrupted",
                "createdAt": iso(recording.created_at),
                "updatedAt": iso(recording.updated_at),
                "tracks": [
                    {
                        "_id": stopped.pk,
                        "streamId": "755961800257348400",
                        "userName": "Anna",
                        "videoType": "video",
                        "startedAt": "2025-08-28T06:58:54.634Z",
                        "endedAt": "2025-08-28T06:59:54.634Z",
                        "durationMs": 15_000,
                        "size": 5,
                    }
                ],
                "completeness": {
                    "expectedMs": 60_000,
                    "capturedMs": 15_000,
                    "missing": [
                        {
                            "streamId": "755961800257348400",
                            "fromMs": 15_000,
                            "toMs": 60_000,
                            "reason": "not_captured",
                        }
                    ],
                },
            }
        ],
    )


def test_imported_recording_is_complete_under_the_name_of_its_speaker(api, owner):
    meeting = make_meeting(owner, names=["Anna"])
    recording = make_recording("r1", meeting=meeting, state=RecordingState.READY)
    Track.objects.create(
        recording=recording, participant=Participant.objects.get(), stream_id="0", duration_ms=2000, size=7
    )
    api.force_authenticate(owner)

    shown = api.get("/recordings/list").json()[0]

    assert (shown["roomId"], shown["meetingId"], shown["tracks"][0]["userName"]) == (None, meeting.pk, "Anna")
    assert shown["completeness"] == {"expectedMs": 2000, "capturedMs": 2000, "missing": []}


@pytest.mark.parametrize("state", RecordingState.values)
def test_status_says_whether_there_is_something_to_play(api, owner, room, state):
    make_recording("r1", room=room, state=state)
    api.force_authenticate(owner)

    assert api.get("/recordings/list").json()[0]["status"] is (state in ("ready", "ready_partial"))


def test_list_holds_own_rooms_and_meetings_that_one_may_view_newest_first(api, owner, member, stranger, room):
    RoomMember.objects.create(room=room, user=member, role=RoomRole.COHOST)
    meeting = make_meeting(stranger)
    AccessGrant.objects.create(meeting=meeting, user=owner, rights=[Right.VIEW])
    AccessGrant.objects.create(meeting=meeting, user=member, rights=[Right.EDIT])
    make_recording("of the room", room=room)
    make_recording("of the meeting", meeting=meeting)

    def seen(user):
        api.force_authenticate(user)
        return ids(api.get("/recordings/list"))

    assert [seen(user) for user in (owner, member, stranger)] == [
        ["of the meeting", "of the room"],
        [],
        ["of the meeting"],
    ]


def test_list_is_filtered(api, owner, room):
    other = Room.objects.create(name="Other", owner=owner)
    old = make_recording("old", room=room)
    Recording.objects.filter(pk=old.pk).update(created_at="2025-01-02T03:04:05Z")
    make_recording("ready", room=room, state=RecordingState.READY)
    make_recording("other", room=other)
    api.force_authenticate(owner)

    def found(**query):
        return ids(api.get("/recordings/list", query))

    assert found(roomId=room.pk) == ["ready", "old"]
    assert found(state="ready") == ["ready"]
    assert found(to="2025-12-31T00:00:00.000Z") == ["old"]
    assert found(roomId=other.pk, **{"from": "1767225600000"}) == ["other"]
    assert found(roomId="", state="", to="", **{"from": ""}) == ["other", "ready", "old"]


@pytest.mark.parametrize(
    ("query", "wrong"), [("roomId=x", "roomId"), ("state=lost", "state"), ("from=then", "from"), ("limit=0", "limit")]
)
def test_filter_that_is_not_valid_is_named(api, owner, query, wrong):
    api.force_authenticate(owner)

    answer = api.get(f"/recordings/list?{query}")

    assert (answer.status_code, answer.json()["errors"].keys()) == (400, {wrong})


def test_list_comes_in_pages_where_a_client_wants_them(api, owner, room):
    for number in range(3):
        make_recording(str(number), room=room)
    api.force_authenticate(owner)

    first = api.get("/recordings/list?limit=2&state=pending")
    second = api.get(first.headers["Link"].partition(">")[0].removeprefix("<"))

    assert (ids(first), ids(second)) == (["2", "1"], ["0"])
    assert "Link" not in second.headers


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_three_takes_as_many_queries_as_of_one(api, owner, room, count, django_assert_num_queries):
    person = Participant.objects.create(meeting=make_meeting(owner, names=[]), name="Anna", position=0)
    for number in range(count):
        recording = make_recording(str(number), room=room)
        Track.objects.create(recording=recording, stream_id="1", participant=person)
    api.force_authenticate(owner)

    # Recordings, tracks and people.
    with django_assert_num_queries(3):
        api.get("/recordings/list")


def test_administrator_is_refused(api, administrator):
    api.force_authenticate(administrator)

    answer = api.get("/recordings/list")

    assert (answer.status_code, answer.json()["code"]) == (403, "content_closed_to_admins")


def test_nobody_signed_in_is_refused(api):
    assert api.get("/recordings/list").json()["code"] == "not_authenticated"
