"""`POST /send-transcript` and `/send-transcript/batch`."""

import base64
import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import Outcome, Plan
from accounts.models import AuditEvent, User
from config.lib import keys
from config.lib.times import iso
from meetings import actions as meetings_actions
from meetings.models import Consent, Meeting, Participant
from rooms.enums import RoomRole
from rooms.models import Room, RoomMember
from tests.factories import make_meeting
from transcripts import crypto, reading
from transcripts.api.serializers import BATCH_LINES
from transcripts.models import Line, NotesWriting

pytestmark = pytest.mark.django_db

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "crypto.json").read_text())["vectors"]
SECRET = "the secret that all clients share"


@pytest.fixture(autouse=True)
def _secret(settings):
    settings.ENCRYPTION_SECRET = SECRET


@pytest.fixture
def running(owner) -> Meeting:
    """A meeting in the owner's room that has been running for a minute."""
    meeting = make_meeting(owner, names=[])
    room = Room.objects.create(name="Planning", owner=owner)
    began = timezone.now() - timedelta(minutes=1)
    Meeting.objects.filter(pk=meeting.pk).update(room=room, started_at=began, ended_at=None)
    meeting.refresh_from_db()
    return meeting


@pytest.fixture
def send(api, owner):
    """Send a line of the owner's, or of somebody else."""

    def send(meeting, user=owner, **fields):
        api.force_authenticate(user)
        body = {"meetingId": meeting.pk, "userName": "Haseeb Stats", "message": "Hello.", **fields}
        return api.post("/send-transcript", body, format="json")

    return send


@pytest.fixture
def send_batch(api, owner):
    def send(meeting, *lines, user=owner):
        api.force_authenticate(user)
        named = [{"userName": "Haseeb Stats", **line} for line in lines]
        return api.post("/send-transcript/batch", {"meetingId": meeting.pk, "lines": named}, format="json")

    return send


def said(meeting):
    return [line.message for line in reading.lines_of(meeting.pk)]


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


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["text"]], ids=lambda v: f"{v['format']}-{v['hash']}")
@pytest.mark.parametrize("flag", [{}, {"isEncrypted": True}])
def test_ciphertext_of_other_clients_is_decrypted(send, running, settings, vector, flag):
    settings.ENCRYPTION_SECRET = vector["secret"]
    settings.WIRE_PBKDF2_HASH = settings.LEGACY_GCM_HASH = vector["hash"]

    answer = send(running, message=vector["message"], **flag)

    assert answer.status_code == 201
    assert said(running) == [vector["text"]]


def test_hash_of_older_messages_may_be_another(send, running, settings):
    old = next(v for v in VECTORS if (v["format"], v["hash"]) == ("gcm", "sha512") and v["text"])
    settings.ENCRYPTION_SECRET, settings.LEGACY_GCM_HASH = old["secret"], "sha512"

    send(running, message=old["message"])
    send(running, message=crypto.encrypt("Newer", old["secret"]))

    assert sorted(said(running)) == sorted([old["text"], "Newer"])


def test_text_that_looks_encrypted_is_text_where_the_client_says_so(send, running):
    message = crypto.encrypt("Hello.", "another secret")

    assert send(running, message=message, isEncrypted=False).status_code == 201
    assert said(running) == [message]


def unreadable(flag):
    return [
        {"message": crypto.encrypt("Hello.", "another secret"), **flag},
        {"message": base64.b64encode(os.urandom(160)).decode(), **flag},
    ]


@pytest.mark.parametrize(
    "fields", [*unreadable({}), *unreadable({"isEncrypted": True}), {"message": "Hello.", "isEncrypted": True}]
)
def test_what_cannot_be_decrypted_is_refused_and_not_kept(send, running, fields):
    answer = send(running, **fields)

    assert (answer.status_code, answer.json()["code"]) == (400, "undecryptable")
    assert (Line.objects.count(), Participant.objects.count()) == (0, 0)


@pytest.mark.parametrize("change", [{"ENCRYPTION_SECRET": ""}, {"ALLOW_SHARED_SECRET": False}])
def test_without_a_secret_no_ciphertext_is_read(send, running, settings, change):
    for name, value in change.items():
        setattr(settings, name, value)
    message = crypto.encrypt("Hello.", SECRET)

    answers = [send(running, message=message), send(running, message=message, isEncrypted=True), send(running)]

    assert [answer.status_code for answer in answers] == [400, 400, 201]
    assert said(running) == ["Hello."]


def test_who_fails_too_often_is_tried_no_more(send, owner, running, settings):
    settings.RATES = {**settings.RATES, "RATE_UNDECRYPTABLE": "2/m"}
    bad, good = crypto.encrypt("Hello.", "another secret"), crypto.encrypt("Hello.", SECRET)

    answers = [send(running, message=message) for message in (bad, bad, bad, good)]

    assert [answer.status_code for answer in answers] == [400, 400, 429, 429]
    assert (int(answers[3].headers["Retry-After"]) > 0, Line.objects.count()) == (True, 0)
    assert send(running, isEncrypted=False).status_code == 201
    event = AuditEvent.objects.get(outcome=Outcome.LIMITED)
    assert (event.user_id, event.resource["rate"]) == (owner.pk, "RATE_UNDECRYPTABLE")


def test_ciphertext_of_nothing_has_no_words(send, running):
    answer = send(running, message=crypto.encrypt(" ", SECRET))

    assert (answer.status_code, answer.json()["errors"]) == (400, {"message": ["This field may not be blank."]})


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


def test_batch_is_answered_in_the_order_in_which_it_was_sent(send_batch, running):
    answer = send_batch(
        running,
        {"message": "Second", "startMs": 2000, "clientId": "2"},
        {"message": "First", "startMs": 1000, "clientId": "1"},
        {"message": crypto.encrypt("Third", SECRET), "startMs": 3000, "userName": "Ben"},
        {"message": "Second again", "clientId": "2"},
    )

    assert (answer.status_code, answer.json()["success"]) == (201, True)
    data = answer.json()["data"]
    assert [(line["startMs"], line["userName"]) for line in data] == [
        (2000, "Haseeb Stats"),
        (1000, "Haseeb Stats"),
        (3000, "Ben"),
        (2000, "Haseeb Stats"),
    ]
    assert data[3] == data[0]
    assert said(running) == ["First", "Second", "Third"]


def test_batch_sent_again_is_kept_once(send_batch, running):
    lines = [{"message": f"Line {number}", "clientId": str(number)} for number in range(3)]
    first = send_batch(running, *lines[:2]).json()["data"]

    again = send_batch(running, *lines).json()["data"]

    assert again[:2] == first
    assert Line.objects.count() == 3


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"message": crypto.encrypt("Hello.", "another secret")}, None),
        ({"message": ""}, "lines"),
        ({"message": "Hello.", "userName": "\x07"}, "userName"),
        ({"message": "Hello.", "startMs": 2, "endMs": 1}, "lines"),
    ],
)
def test_batch_with_one_bad_line_keeps_none(send_batch, running, bad, field):
    answer = send_batch(running, {"message": "Good"}, bad, {"message": "Good too"})

    assert (answer.status_code, [*answer.json().get("errors", {})]) == (400, [field] if field else [])
    assert (Line.objects.count(), Participant.objects.count()) == (0, 0)


def test_batch_that_fails_at_its_end_leaves_nothing(send_batch, running, monkeypatch):
    Meeting.objects.update(started_at=None)
    monkeypatch.setattr(Line.objects, "bulk_create", lambda rows: 1 / 0)

    assert send_batch(running, {"message": "Good"}).status_code == 500
    running.refresh_from_db()
    assert (running.started_at, Participant.objects.count(), AuditEvent.objects.filter(action="START").count()) == (
        None,
        0,
        0,
    )


@pytest.mark.parametrize("count", [0, BATCH_LINES + 1])
def test_batch_of_none_or_too_many_is_refused(send_batch, running, count):
    answer = send_batch(running, *[{"message": "Hello."}] * count)

    assert (answer.status_code, answer.json()["errors"].keys()) == (400, {"lines"})


@pytest.mark.parametrize("count", [1, 3, BATCH_LINES])
def test_batch_asks_as_often_whatever_its_size(send_batch, running, count, django_assert_num_queries):
    lines = [{"message": "Hello.", "clientId": str(number)} for number in range(count)]
    send_batch(running, {"message": "First"})

    # Meeting and consent; the transaction (2); the lock, for timing and for storing; what was sent, the person, the
    # lines, the audit row.
    with django_assert_num_queries(10):
        send_batch(running, *lines)


def test_lines_that_were_sent_become_notes_when_the_meeting_ends(send, owner, running):
    send(running)
    assert not NotesWriting.objects.exists()

    meetings_actions.end(meeting=running, by=owner)

    assert NotesWriting.objects.get().meeting == running
