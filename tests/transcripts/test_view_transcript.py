"""`GET /view-transcript/:meetingId`."""

import pytest

from accounts.models import AuditEvent
from config.lib.times import iso
from tests.factories import make_line, make_meeting
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


def test_refusal_is_audited(api, administrator, meeting):
    get(api, administrator, meeting)

    event = AuditEvent.objects.get(action="GET")
    assert (event.user_id, event.outcome) == (administrator.pk, "refused")
    assert event.resource == {"meetingId": meeting.pk, "content": "transcript"}


def test_nobody_signed_in_is_refused(api, meeting):
    answer = api.get(f"/view-transcript/{meeting.pk}")

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_format_that_is_not_written_is_named(api, owner, meeting):
    answer = get(api, owner, meeting, "?format=docx")

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_format")


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
