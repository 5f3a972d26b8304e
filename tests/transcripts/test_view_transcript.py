"""`GET /view-transcript/:meetingId`."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.enums import Plan
from accounts.models import AuditEvent, User
from config.lib import keys
from config.lib.ids import new_id
from config.lib.times import iso
from meetings.enums import Right
from meetings.models import AccessGrant
from tests.factories import make_line, make_meeting
from transcripts import reading
from transcripts.models import Line

pytestmark = pytest.mark.django_db


def get(api, user, meeting, query=""):
    api.force_authenticate(user)
    return api.get(f"/view-transcript/{meeting.pk}{query}")


def test_host_reads_every_line_in_spoken_order(api, owner, meeting):
    answer = get(api, owner, meeting)

    said = [
        ("Anna", "We decided to move the report to Thursday", 0),
        ("Ben", "Thursday is the better day", 4000),
        ("Anna", "I will send the report by Thursday", 9500),
    ]
    rows = {line.start_ms: line for line in Line.objects.all()}
    assert answer.status_code == 200
    assert answer.json() == {
        "data": [
            {
                "_id": rows[start].pk,
                "meetingId": meeting.pk,
                "userName": name,
                "message": message,
                "createdAt": iso(rows[start].created_at),
                "startMs": start,
                "endMs": start + 2000,
                "language": "",
            }
            for name, message, start in said
        ]
    }


def test_reading_is_audited(api, owner, meeting):
    get(api, owner, meeting)

    event = AuditEvent.objects.get(action="GET")
    assert (event.user_id, event.resource) == (owner.pk, {"meetingId": meeting.pk, "content": "transcript"})


def test_participant_with_an_account_reads(api, member, meeting):
    meeting.participants.filter(position=1).update(user=member)

    assert len(get(api, member, meeting).json()["data"]) == 3


def test_stranger_cannot_tell_that_there_is_one(api, stranger, meeting):
    answer = get(api, stranger, meeting)

    assert (answer.status_code, answer.json()) == (
        404,
        {"success": False, "message": "There is no such meeting.", "code": "not_found"},
    )


def test_administrator_is_refused_even_as_host(api, administrator, meeting):
    meeting.host = administrator
    meeting.save()

    answer = get(api, administrator, meeting)

    assert (answer.status_code, answer.json()["code"]) == (403, "content_closed_to_admins")


def test_refusal_is_audited_with_whose_meeting_it_is(api, administrator, meeting):
    get(api, administrator, meeting)

    event = AuditEvent.objects.get(action="GET")
    assert (event.user_id, event.outcome) == (administrator.pk, "refused")
    assert event.resource == {"meetingId": meeting.pk, "content": "transcript", "userId": meeting.host_id}


def test_nobody_signed_in_is_refused(api, meeting):
    answer = api.get(f"/view-transcript/{meeting.pk}")

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_format_that_nobody_knows_is_refused(api, owner, meeting):
    answer = get(api, owner, meeting, "?format=odt")

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_format")
    assert answer.json()["errors"] == {"format": ["json", "txt"]}


@pytest.mark.parametrize("form", ["srt", "vtt", "docx", "pdf"])
def test_format_of_a_later_version_is_not_there_yet(api, owner, meeting, form):
    answer = get(api, owner, meeting, f"?format={form}")

    assert (answer.status_code, answer.json()["code"]) == (501, "not_implemented")


def test_empty_format_is_json(api, owner, meeting):
    assert len(get(api, owner, meeting, "?format=").json()["data"]) == 3


def test_text_is_the_transcript_line_by_line(api, owner, meeting):
    answer = get(api, owner, meeting, "?format=txt")

    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode().splitlines() == [
        "Weekly planning",
        "",
        "[00:00] Anna: We decided to move the report to Thursday",
        "[00:04] Ben: Thursday is the better day",
        "[00:09] Anna: I will send the report by Thursday",
    ]
    assert AuditEvent.objects.get(action="EXPORT").resource == {
        "meetingId": meeting.pk,
        "content": "transcript.txt",
    }


def test_who_may_view_but_not_export_gets_no_file(api, stranger, meeting):
    AccessGrant.objects.create(meeting=meeting, user=stranger, rights=[Right.VIEW])

    seen, taken = get(api, stranger, meeting), get(api, stranger, meeting, "?format=txt")

    assert (seen.status_code, taken.status_code, taken.json()["code"]) == (200, 403, "not_allowed")


def test_only_lines_after_the_one_that_was_seen_last(api, owner, meeting):
    seen = Line.objects.order_by("created_at", "pk").last()
    later = [make_line(meeting, 1, 100, "One more"), make_line(meeting, 0, 50, "And another")]

    answer = get(api, owner, meeting, f"?since={seen.pk}")

    assert [line["_id"] for line in answer.json()["data"]] == [later[1].pk, later[0].pk]
    assert get(api, owner, meeting, f"?since={later[1].pk}").json() == {"data": []}


def test_lines_of_one_batch_are_told_apart(api, owner, meeting):
    batch = Line.objects.order_by("pk")
    Line.objects.update(created_at=batch[0].created_at)

    answer = get(api, owner, meeting, f"?since={batch[0].pk}")

    assert {line["_id"] for line in answer.json()["data"]} == {batch[1].pk, batch[2].pk}


@pytest.mark.parametrize("as_epoch", [False, True])
def test_only_lines_stored_after_a_moment(api, owner, meeting, as_epoch):
    early = Line.objects.order_by("pk").first()
    Line.objects.filter(pk=early.pk).update(created_at=early.created_at - timedelta(hours=1))
    moment = early.created_at - timedelta(minutes=30)
    since = str(int(moment.timestamp() * 1000)) if as_epoch else iso(moment)

    answer = get(api, owner, meeting, f"?since={since}")

    assert len(answer.json()["data"]) == 2


def test_line_of_another_meeting_is_no_place_to_go_on_from(api, owner, meeting):
    other = make_line(make_meeting(owner), 0, 0, "Elsewhere")

    answers = [get(api, owner, meeting, f"?since={pk}") for pk in (other.pk, new_id())]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json()["message"] == answers[1].json()["message"] == "There is no such line in this meeting."


def test_since_that_is_neither_an_id_nor_a_time(api, owner, meeting):
    answer = get(api, owner, meeting, "?since=yesterday")

    assert (answer.status_code, answer.json()["errors"].keys()) == (400, {"since"})


def test_transcript_stays_readable_when_the_plan_goes_down(api, owner, meeting):
    User.objects.update(plan=Plan.ESSENTIAL)

    assert len(get(api, owner, meeting).json()["data"]) == 3


def test_deleted_key_is_said_before_anything_is_sent(api, owner, meeting):
    keys.destroy(meeting.pk)

    answer = get(api, owner, meeting)

    assert (answer.status_code, answer.json()["code"]) == (410, "key_missing")


@pytest.mark.parametrize("first", [1, 2, 3, 4, 5])
def test_lines_that_began_at_once_come_in_order_wherever_a_batch_ends(api, owner, meeting, monkeypatch, first):
    Line.objects.update(start_ms=4000, end_ms=5000)
    last = make_line(meeting, 1, 4000, "Last")
    monkeypatch.setattr(reading, "FIRST", first)

    data = get(api, owner, meeting).json()["data"]

    order = Line.objects.order_by("participant__position", "pk").values_list("pk", flat=True)
    assert [line["_id"] for line in data] == [*order]
    assert data[-1]["_id"] == last.pk


def test_long_transcript_comes_in_parts_in_the_same_number_of_queries(api, owner, meeting):
    for number in range(300):
        make_line(meeting, 0, 20_000 + number, f"Line {number}")
    api.force_authenticate(owner)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = api.get(f"/view-transcript/{meeting.pk}")
        parts = list(answer.streaming_content)

    assert len(parts) == 3
    assert [line["message"] for line in json.loads(b"".join(parts))["data"]][3:] == [f"Line {n}" for n in range(300)]
    assert len(queries) == 3


def test_line_moved_to_another_meeting_is_an_error_that_only_the_log_describes(api, owner, meeting, caplog):
    other = make_meeting(owner, title="Another")
    moved = make_line(other, 0, 100, "Words of another meeting")
    Line.objects.filter(pk=moved.pk).update(meeting=meeting)

    answer = get(api, owner, meeting)

    assert answer.status_code == 500
    assert sorted(answer.json()) == ["code", "errorId", "message", "success"]
    assert answer.json()["code"] == "server_error"
    assert moved.pk in caplog.text
    assert answer.json()["errorId"] in caplog.text
    assert "Words of another meeting" not in caplog.text


@pytest.mark.parametrize("more", [0, 20])
def test_number_of_queries_does_not_grow_with_lines(api, owner, meeting, more, django_assert_num_queries):
    for number in range(more):
        make_line(meeting, 0, 20_000 + number, "More")
    api.force_authenticate(owner)

    # The meeting, its lines, and the audit row.
    with django_assert_num_queries(3):
        api.get(f"/view-transcript/{meeting.pk}")
