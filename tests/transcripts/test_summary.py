"""`GET /meeting/:meetingId/summary`, and the writing of notes behind it."""

import pytest

from accounts.enums import Plan
from accounts.models import AuditEvent, User
from config.lib import work
from config.lib.work import WorkState
from meetings.enums import Right
from meetings.models import AccessGrant, Meeting
from tests.factories import make_meeting
from transcripts import actions
from transcripts.models import Notes, NotesWriting

pytestmark = pytest.mark.django_db

FIELDS = [
    "title",
    "summary",
    "highlights",
    "chapters",
    "decisions",
    "actions",
    "qna",
    "participants",
    "topics",
    "keywords",
    "ambiguities",
]


def write(meeting):
    unit, _ = NotesWriting.objects.get_or_create(meeting=meeting)
    work.run(NotesWriting, unit.pk, actions.write_notes)
    unit.refresh_from_db()
    return unit


def get(api, user, meeting, query=""):
    api.force_authenticate(user)
    return api.get(f"/meeting/{meeting.pk}/summary{query}")


def test_notes_have_the_eleven_fields_exactly(api, owner, meeting):
    assert write(meeting).state == WorkState.DONE

    body = get(api, owner, meeting).json()

    assert sorted(body) == ["generator", "notes", "sources", "state", "summary"]
    assert list(body["notes"]) == FIELDS
    assert (body["state"], body["generator"]) == ("ready", "extractive")
    assert body["summary"] == body["notes"]["summary"]


def test_every_quote_is_contained_in_the_line_that_it_cites(api, owner, meeting):
    write(meeting)
    body = get(api, owner, meeting).json()
    lines = {line["_id"]: line["message"] for line in api.get(f"/view-transcript/{meeting.pk}").json()["data"]}

    sources = [source for cited in body["sources"].values() for source in cited]

    assert sources
    assert all(source["quote"] in lines[source["lineId"]] for source in sources)


def test_meeting_is_marked_as_summarised(meeting):
    write(meeting)

    assert Meeting.objects.get(pk=meeting.pk).summary_generated is True


def test_notes_written_again_replace_the_first(meeting):
    write(meeting)
    NotesWriting.objects.all().delete()

    write(meeting)

    assert Notes.objects.count() == 1


def test_nothing_in_the_clear_is_kept(meeting):
    write(meeting)

    assert b"Thursday" not in bytes(Notes.objects.get().body)


def test_before_there_are_notes_the_state_says_so(api, owner, meeting):
    NotesWriting.objects.create(meeting=meeting)

    answer = get(api, owner, meeting)

    assert (answer.status_code, answer.json()) == (
        404,
        {
            "success": False,
            "message": "There are no notes of this meeting yet.",
            "code": "no_summary",
            "state": "queued",
            "progress": 0,
        },
    )


def test_meeting_without_work_has_no_notes_to_come(api, owner):
    answer = get(api, owner, make_meeting(owner))

    assert (answer.status_code, answer.json()["state"]) == (404, "none")


def test_administrator_is_refused(api, administrator, meeting):
    write(meeting)

    assert get(api, administrator, meeting).json()["code"] == "content_closed_to_admins"


def test_stranger_cannot_tell_that_there_are_notes(api, stranger, meeting):
    write(meeting)

    assert get(api, stranger, meeting).status_code == 404


def test_notes_as_markdown(api, owner, meeting):
    write(meeting)

    answer = get(api, owner, meeting, "?format=md")

    text = answer.content.decode()
    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert text.startswith("# Weekly planning\n\n")
    assert "## Decisions\n\n- We decided to move the report to Thursday\n" in text
    assert AuditEvent.objects.get(action="EXPORT").resource == {"meetingId": meeting.pk, "content": "summary.md"}


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [("docx", 501, "not_implemented"), ("pdf", 501, "not_implemented"), ("txt", 400, "unknown_format")],
)
def test_format_that_is_not_written(api, owner, meeting, form, status, code):
    answer = get(api, owner, meeting, f"?format={form}")

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_who_may_view_but_not_export_gets_no_file(api, stranger, meeting):
    write(meeting)
    AccessGrant.objects.create(meeting=meeting, user=stranger, rights=[Right.VIEW])

    seen, taken = get(api, stranger, meeting), get(api, stranger, meeting, "?format=md")

    assert (seen.status_code, taken.status_code) == (200, 403)


def test_notes_stay_readable_when_the_plan_goes_down(api, owner, meeting):
    write(meeting)
    User.objects.update(plan=Plan.ESSENTIAL)

    assert get(api, owner, meeting).status_code == 200
