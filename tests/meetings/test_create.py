"""`POST /meetings/create`."""

import pytest

from accounts.enums import Plan
from accounts.models import AuditEvent, User
from config.lib import keys
from config.lib.crypto import FieldCipher
from config.lib.times import iso
from meetings import actions
from meetings.enums import ALL_RIGHTS, COHOST_RIGHTS
from meetings.models import AccessGrant, Invitation, Meeting
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PATH = "/meetings/create"


def body_of(user, **more):
    return {"title": "Weekly planning", "hostId": user.pk, "transcriptEnabled": True, **more}


def test_meeting_is_made_of_the_three_fields_that_old_clients_send(api, owner):
    api.force_authenticate(owner)

    answer = api.post(PATH, body_of(owner), format="json")

    meeting = Meeting.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "success": True,
        "data": {
            "_id": meeting.pk,
            "title": "Weekly planning",
            "hostId": owner.pk,
            "roomId": None,
            "transcriptEnabled": True,
            "summaryGenerated": False,
            "recordingIds": [],
            "createdAt": iso(meeting.created_at),
            "startedAt": None,
            "endedAt": None,
            "participantsCount": 0,
            "startsAt": None,
            "duration": None,
            "timeZone": "UTC",
            "joinUrl": f"http://127.0.0.1:8000/m/{meeting.pk}",
            "invited": [],
            "rights": list(ALL_RIGHTS),
        },
        "message": "Meeting created successfully",
    }
    assert isinstance(keys.cipher(meeting.pk), FieldCipher)
    assert [(row.user_id, row.action, row.resource) for row in AuditEvent.objects.all()] == [
        (owner.pk, "CREATE", {"meetingId": meeting.pk})
    ]


def test_planned_meeting_keeps_place_time_and_people(api, owner, room):
    api.force_authenticate(owner)
    plan = {
        "roomId": room.pk,
        "startsAt": "2026-11-12T16:00:00+01:00",
        "duration": 45,
        "timeZone": "Europe/Madrid",
        "invited": ["Anna@Example.com", "ben@example.com", "anna@example.com", owner.email],
    }

    made = api.post(PATH, body_of(owner, **plan), format="json").json()["data"]

    assert {name: made[name] for name in (*plan, "joinUrl")} == {
        "roomId": room.pk,
        "startsAt": "2026-11-12T15:00:00.000Z",
        "duration": 45,
        "timeZone": "Europe/Madrid",
        "invited": ["anna@example.com", "ben@example.com"],
        "joinUrl": f"http://127.0.0.1:8000/r/{room.pk}",
    }


def test_cohosts_of_the_room_become_cohosts_of_the_meeting(api, owner, room):
    api.force_authenticate(owner)

    api.post(PATH, body_of(owner, roomId=room.pk), format="json")

    grant = AccessGrant.objects.get()
    assert (grant.user.username, grant.is_cohost, grant.rights) == ("cohost", True, list(COHOST_RIGHTS))


def test_cohost_of_a_room_makes_a_meeting_in_it(api, room):
    cohost = User.objects.get(username="cohost")
    api.force_authenticate(cohost)

    answer = api.post(PATH, body_of(cohost, roomId=room.pk), format="json")

    assert (answer.status_code, answer.json()["data"]["hostId"]) == (201, cohost.pk)
    # Its host has every right and needs no other row.
    assert not AccessGrant.objects.exists()


@pytest.mark.parametrize(("who", "status", "code"), [("roommate", 403, "not_allowed"), ("stranger", 404, "not_found")])
def test_rooms_of_others_are_no_place(api, room, stranger, person, who, status, code):
    api.force_authenticate(person(who))

    answer = api.post(PATH, body_of(person(who), roomId=room.pk), format="json")

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Meeting.objects.exists()


def test_meeting_for_somebody_else_is_refused(api, owner, stranger):
    api.force_authenticate(owner)

    answer = api.post(PATH, body_of(stranger), format="json")

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_administrators_hold_no_meetings(api, administrator):
    api.force_authenticate(administrator)

    answer = api.post(PATH, body_of(administrator), format="json")

    assert (answer.status_code, answer.json()["code"]) == (403, "content_closed_to_admins")


def test_nobody_signed_in_is_refused(api, owner):
    assert api.post(PATH, body_of(owner), format="json").status_code == 401


@pytest.mark.parametrize(("asked", "status"), [(True, 403), (False, 201)])
def test_plan_of_the_host_decides_about_transcripts(api, asked, status):
    host = make_user("frugal", plan=Plan.ESSENTIAL)
    api.force_authenticate(host)

    answer = api.post(PATH, body_of(host, transcriptEnabled=asked), format="json")

    assert (answer.status_code, answer.json().get("code")) == (status, "feature_not_in_plan" if asked else None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", " \n"),
        ("title", "bell\x07"),
        ("title", "a" * 201),
        ("title", 5),
        ("hostId", "nobody"),
        ("transcriptEnabled", "yes"),
        ("roomId", "here"),
        ("startsAt", "tomorrow"),
        ("duration", 0),
        ("timeZone", "Mars/Olympus"),
        ("invited", ["no address"]),
        ("invited", [f"{number}@example.com" for number in range(201)]),
    ],
)
def test_field_that_cannot_be_taken_is_named(api, owner, field, value):
    api.force_authenticate(owner)

    answer = api.post(PATH, body_of(owner, **{field: value}), format="json")

    assert (answer.status_code, [*answer.json()["errors"]]) == (400, [field])
    assert not Meeting.objects.exists()


def test_optional_fields_may_be_null(api, owner):
    api.force_authenticate(owner)

    answer = api.post(PATH, body_of(owner, roomId=None, startsAt=None, duration=None), format="json")

    assert (answer.status_code, answer.json()["data"]["startsAt"]) == (201, None)


def test_meeting_without_a_key_is_not_made(owner, settings):
    settings.KEYS_DIR.write_text("no folder")

    with pytest.raises(OSError, match="keys"):
        actions.create(title="Planning", host=owner, transcript_enabled=True, by=owner, invited=["a@example.com"])

    assert not Meeting.objects.exists()
    assert not Invitation.objects.exists()
