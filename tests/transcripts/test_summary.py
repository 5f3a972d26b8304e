"""`GET /meeting/:meetingId/summary`, and the writing of notes behind it."""

import pytest

from config.lib import work
from config.lib.work import WorkState
from meetings.models import Meeting
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


def get(api, user, meeting):
    api.force_authenticate(user)
    return api.get(f"/meeting/{meeting.pk}/summary")


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
