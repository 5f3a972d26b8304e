"""`POST /send-transcript`."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.enums import Plan
from accounts.models import AuditEvent, User
from config.lib import keys
from config.lib.times import iso
from meetings import actions as meetings_actions
from meetings.models import Consent, Meeting, Participant
from rooms.enums import RoomRole
from rooms.models import RoomMember
from tests.factories import make_meeting
from tests.transcripts.sending import said
from transcripts.models import Line, NotesWriting

pytestmark = pytest.mark.django_db


def test_line_is_kept_encrypted_under_the_label_of_its_author(send, owner, running):
    answer = send(running, startMs=1000, endMs=2000, language="en-GB", clientId="a-1", isEncrypted=False)

    line = Line.objects.get()
    assert (answer.status_code, answer.json()) == (
        201,
        {
            "success": True,
            "data": {
                "_id": line.pk,
                "meetingId": running.pk,
                "userName": "Haseeb Stats",
                "isEncrypted": True,
                "createdAt": iso(line.created_at),
                "startMs": 1000,
                "endMs": 2000,
                "language": "en-GB",
                "clientId": "a-1",
            },
        },
    )
    assert (line.author, line.participant.user, line.participant.name) == (owner, owner, "Haseeb Stats")
    assert bytes(line.message)[:2] == b"v2"
    assert b"Hello" not in bytes(line.message)
    assert said(running) == ["Hello."]


def test_sending_is_audited(send, owner, running):
    send(running)

    event = AuditEvent.objects.get(action="SEND")
    assert (event.user_id, event.resource) == (owner.pk, {"meetingId": running.pk, "lines": 1})


def test_line_without_times_was_said_now(send, running):
    data = send(running).json()["data"]

    assert data["startMs"] == data["endMs"]
    assert 60_000 <= data["startMs"] < 120_000


@pytest.mark.parametrize(
    ("given", "times"),
    [({"startMs": 5}, (5, 5)), ({"endMs": 7}, (7, 7)), ({"startMs": 5, "endMs": 7}, (5, 7))],
)
def test_line_with_some_of_its_times(send, running, given, times):
    data = send(running, **given).json()["data"]

    assert (data["startMs"], data["endMs"]) == times


def test_clock_of_a_meeting_that_is_over_stands_still(send, running):
    Meeting.objects.update(ended_at=running.started_at + timedelta(seconds=30))

    assert send(running).json()["data"]["startMs"] == 30_000


def test_first_line_starts_the_meeting(send, running):
    Meeting.objects.update(started_at=None)

    data = send(running).json()["data"]

    running.refresh_from_db()
    assert (running.is_running, data["startMs"] < 1000) == (True, True)
    assert AuditEvent.objects.filter(action="START").count() == 1


def test_first_line_is_refused_while_another_meeting_runs_in_the_room(send, owner, running):
    waiting = make_meeting(owner, names=[])
    Meeting.objects.filter(pk=waiting.pk).update(room=running.room, started_at=None, ended_at=None)

    answer = send(waiting)

    assert (answer.status_code, answer.json()["code"]) == (409, "room_busy")
    assert not Line.objects.exists()


def test_each_label_is_a_participant_once(send, owner, running):
    for name in ("Haseeb", "Haseeb", "Asif"):
        send(running, userName=name)

    people = Participant.objects.filter(meeting=running)
    assert [(person.name, person.user, person.position) for person in people] == [
        ("Haseeb", owner, 0),
        ("Asif", owner, 1),
    ]


def test_label_of_somebody_else_does_not_make_one_the_other(send, member, running):
    RoomMember.objects.create(room=running.room, user=member, role=RoomRole.PARTICIPANT)
    send(running, userName="Haseeb")

    send(running, user=member, userName="Haseeb")

    assert Participant.objects.filter(meeting=running, name="Haseeb").count() == 2
    assert Line.objects.last().author == member


def test_same_client_id_is_kept_once(send, running):
    first = send(running, clientId=755961800257348400).json()["data"]

    again = send(running, clientId="755961800257348400", message="Something else").json()["data"]

    assert (again, first["clientId"]) == (first, "755961800257348400")
    assert said(running) == ["Hello."]


def test_client_ids_of_two_authors_or_meetings_do_not_meet(send, owner, member, running):
    RoomMember.objects.create(room=running.room, user=member, role=RoomRole.PARTICIPANT)
    other = make_meeting(owner)

    answers = [send(running, clientId="1"), send(running, user=member, clientId="1"), send(other, clientId="1")]

    assert len({answer.json()["data"]["_id"] for answer in answers}) == 3


def test_database_keeps_a_client_id_once_too(send, owner, running):
    send(running, clientId="1")
    first = Line.objects.get()
    again = Line(meeting=running, participant=first.participant, author=owner, client_id="1", start_ms=0, end_ms=0)

    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


def test_name_that_cannot_be_taken_is_refused_by_its_name_on_the_wire(send, running):
    answer = send(running, userName="An\x07na")

    assert (answer.status_code, answer.json()["errors"].keys()) == (400, {"userName"})
    assert not Line.objects.exists()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"meetingId": "x"}, "meetingId"),
        ({"userName": 5}, "userName"),
        ({"message": ""}, "message"),
        ({"startMs": -1}, "startMs"),
        ({"startMs": 5, "endMs": 4}, "endMs"),
        ({"language": "english please"}, "language"),
        ({"clientId": "a b"}, "clientId"),
        ({"isEncrypted": "yes"}, "isEncrypted"),
    ],
)
def test_field_that_is_not_valid_is_named(send, running, fields, wrong):
    answer = send(running, **fields)

    assert (answer.status_code, answer.json()["errors"].keys()) == (400, {wrong})


def test_stranger_cannot_tell_that_there_is_a_meeting(send, stranger, running):
    answer = send(running, user=stranger)

    assert (answer.status_code, answer.json()["message"]) == (404, "There is no such meeting.")


def test_who_was_only_given_the_transcript_to_read_says_nothing(send, stranger, running):
    running.grants.create(user=stranger, rights=["view", "edit"])

    answer = send(running, user=stranger)

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_administrator_is_refused(send, administrator, running):
    answer = send(running, user=administrator)

    assert (answer.status_code, answer.json()["code"]) == (403, "content_closed_to_admins")


def test_nobody_signed_in_is_refused(api, running):
    assert api.post("/send-transcript", {}, format="json").json()["code"] == "not_authenticated"


def test_who_stays_out_is_in_no_transcript(send, owner, running):
    Consent.objects.create(meeting=running, user=owner, take_part=False)

    answer = send(running)

    assert (answer.status_code, answer.json()["code"], Line.objects.count()) == (409, "consent_withheld", 0)


def test_meeting_that_wants_no_transcript_gets_none(send, running):
    Meeting.objects.update(transcript_enabled=False)

    answer = send(running)

    assert (answer.status_code, answer.json()["code"], Line.objects.count()) == (409, "transcript_disabled", 0)


def test_plan_of_the_host_decides(send, owner, member, running):
    RoomMember.objects.create(room=running.room, user=member, role=RoomRole.PARTICIPANT)
    User.objects.filter(pk=owner.pk).update(plan=Plan.ESSENTIAL)

    answer = send(running, user=member)

    assert (answer.status_code, answer.json()["code"]) == (403, "feature_not_in_plan")


def test_meeting_whose_content_was_deleted_takes_no_line(send, running):
    keys.destroy(running.pk)

    assert send(running).json()["code"] == "key_missing"
    assert not Participant.objects.exists()


def test_lines_that_were_sent_become_notes_when_the_meeting_ends(send, owner, running):
    send(running)
    assert not NotesWriting.objects.exists()

    meetings_actions.end(meeting=running, by=owner)

    assert NotesWriting.objects.get().meeting == running
