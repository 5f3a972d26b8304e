"""`GET` and `DELETE /meetings/:meetingId`, `POST /meetings/:meetingId/end`."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import AuditEvent
from config.lib import facts, keys
from config.lib.keystore import KeyMissing
from config.lib.times import iso
from meetings import access, actions
from meetings.models import Meeting
from recordings.models import AudioMix, Recording, Track
from rooms.models import Room
from tests.factories import make_line, make_meeting
from transcripts.models import Line

pytestmark = pytest.mark.django_db

EVERYBODY = ("host", "cohost", "participant", "invited", "granted", "roommate", "stranger", "administrator")


def test_host_gets_everything_about_a_meeting(api, owner, meeting, room):
    api.force_authenticate(owner)

    answer = api.get(f"/meetings/{meeting.pk}")

    assert answer.status_code == 200
    assert answer.json() == {
        "success": True,
        "data": {
            "_id": meeting.pk,
            "title": "Weekly planning",
            "hostId": owner.pk,
            "roomId": room.pk,
            "transcriptEnabled": True,
            "summaryGenerated": False,
            "recordingIds": [],
            "createdAt": iso(meeting.created_at),
            "startedAt": None,
            "endedAt": None,
            "participantsCount": 1,
            "startsAt": None,
            "duration": None,
            "timeZone": "UTC",
            "joinUrl": f"http://127.0.0.1:8000/r/{room.pk}",
            "invited": ["invited@example.com"],
            "rights": ["view", "export", "edit", "grant", "recognise", "delete"],
        },
        "message": "Meeting retrieved successfully",
    }


@pytest.mark.parametrize(
    ("who", "status", "rights", "invited"),
    [
        ("cohost", 200, ["view", "export", "edit", "recognise"], ["invited@example.com"]),
        ("participant", 200, ["view", "export"], []),
        ("granted", 200, ["view"], []),
        ("invited", 200, [], []),
        ("roommate", 200, [], []),
        ("stranger", 404, None, None),
        ("administrator", 403, None, None),
    ],
)
def test_each_is_told_what_they_may_know(api, stranger, administrator, meeting, person, who, status, rights, invited):
    api.force_authenticate(person(who))

    answer = api.get(f"/meetings/{meeting.pk}")

    told = answer.json().get("data", {})
    assert (answer.status_code, told.get("rights"), told.get("invited")) == (status, rights, invited)


def test_nobody_signed_in_is_refused(api, meeting):
    answers = [
        api.get(f"/meetings/{meeting.pk}"),
        api.delete(f"/meetings/{meeting.pk}"),
        api.post(f"/meetings/{meeting.pk}/end"),
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 401]


@pytest.mark.parametrize("meeting_id", ["0" * 24, "nothing"])
def test_meeting_that_is_not_there_is_not_found(api, owner, meeting_id):
    api.force_authenticate(owner)

    answers = [
        api.get(f"/meetings/{meeting_id}"),
        api.delete(f"/meetings/{meeting_id}"),
        api.post(f"/meetings/{meeting_id}/end"),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 3


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("is_over", [False, True])
def test_host_and_cohosts_may_delete(api, stranger, administrator, meeting, person, who, is_over):
    if is_over:
        actions.end(meeting=meeting, by=None)
    api.force_authenticate(person(who))

    status = api.delete(f"/meetings/{meeting.pk}").status_code

    # Members of a room know of its meetings until these have ended.
    unknown = {"stranger", "roommate"} if is_over else {"stranger"}
    expected = 204 if who in ("host", "cohost") else 404 if who in unknown else 403
    assert (status, Meeting.objects.exists()) == (expected, expected != 204)


@pytest.mark.parametrize("act", ["end", "delete"])
@pytest.mark.parametrize(("is_over", "status"), [(False, 204), (True, 404)])
def test_owner_of_the_room_ends_and_deletes_a_meeting_until_it_is_over(api, meeting, stranger, act, is_over, status):
    Room.objects.update(owner=stranger)
    if is_over:
        actions.end(meeting=meeting, by=None)
    api.force_authenticate(stranger)
    path = f"/meetings/{meeting.pk}"

    answer = api.post(f"{path}/end") if act == "end" else api.delete(path)

    assert answer.status_code == status


def test_somebody_who_was_given_the_right_may_delete(api, owner, meeting, person):
    gift = access.Gift(person("granted").email, frozenset({"delete"}))
    access.give(meeting=meeting, gift=gift, by=owner)
    api.force_authenticate(person("granted"))

    assert api.delete(f"/meetings/{meeting.pk}").status_code == 204


@pytest.fixture
def stored(owner) -> Meeting:
    """A meeting that is over, with a recording in storage and a line."""
    meeting = make_meeting(owner)
    make_line(meeting, 0, 0, "canary words")
    recording = Recording.objects.create(meeting=meeting, recording_id="one", host_name="Owner")
    for number, person in enumerate(meeting.participants.all()):
        name = default_storage.save(f"tracks/{recording.pk}/{number}.flac", ContentFile(b"sound"))
        Track.objects.create(
            recording=recording,
            participant=person,
            stream_id=str(number),
            offset_ms=0,
            duration_ms=1,
            file=name,
            size=5,
        )
    # Of one stream nothing was captured.
    Track.objects.create(recording=recording, stream_id="3", offset_ms=0, duration_ms=0, size=0)
    mixed = default_storage.save(f"mixes/{recording.pk}/mix.m4a", ContentFile(b"sound"))
    AudioMix.objects.create(recording=recording, file=mixed)
    return meeting


@pytest.mark.django_db(transaction=True)
def test_deletion_takes_key_rows_and_stored_files(api, owner, stored):
    kept = make_meeting(owner, title="Kept")
    files = [*Track.objects.exclude(file="").values_list("file", flat=True), AudioMix.objects.get().file.name]
    api.force_authenticate(owner)

    answer = api.delete(f"/meetings/{stored.pk}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert [default_storage.exists(name) for name in files] == [False] * 3
    assert not Line.objects.exists()
    assert not Recording.objects.exists()
    assert [*Meeting.objects.all()] == [kept]
    with pytest.raises(KeyMissing):
        keys.cipher(stored.pk)
    assert keys.cipher(kept.pk)
    row = AuditEvent.objects.get(action="DELETE")
    assert (row.user_id, row.resource) == (owner.pk, {"meetingId": stored.pk})


@pytest.mark.django_db(transaction=True)
def test_deletion_that_fails_has_destroyed_the_key_and_can_be_repeated(owner, stored, monkeypatch):
    def fail(**about):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setitem(facts._subscribers, "meeting_deleted", [fail])
        with pytest.raises(RuntimeError):
            actions.delete(meeting=stored, by=owner)
    assert Meeting.objects.filter(pk=stored.pk).exists()
    with pytest.raises(KeyMissing):
        keys.cipher(stored.pk)

    actions.delete(meeting=stored, by=owner)

    assert not Meeting.objects.exists()


@pytest.mark.parametrize("who", EVERYBODY)
def test_host_and_cohosts_may_end_a_meeting(api, owner, stranger, administrator, meeting, person, who):
    actions.start(meeting=meeting, by=owner)
    api.force_authenticate(person(who))

    answer = api.post(f"/meetings/{meeting.pk}/end")

    meeting.refresh_from_db()
    expected = {"host": 204, "cohost": 204, "stranger": 404}.get(who, 403)
    assert (answer.status_code, meeting.is_over) == (expected, expected == 204)


def test_meeting_that_has_ended_stays_as_it_is(api, owner):
    over = make_meeting(owner)
    before = over.ended_at
    api.force_authenticate(owner)

    answer = api.post(f"/meetings/{over.pk}/end")

    over.refresh_from_db()
    assert (answer.status_code, over.ended_at) == (204, before)
    assert not AuditEvent.objects.exists()
