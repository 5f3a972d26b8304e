"""The pages: my meetings, one meeting, its progress and its exports."""

import json
from datetime import UTC, datetime

import pytest

from accounts.enums import Plan
from accounts.models import AuditEvent, User
from config.lib import work
from config.lib.work import WorkState
from meetings import actions as planning
from meetings.enums import Right
from meetings.models import AccessGrant, Invitation, Meeting
from recordings.models import Recording, Track
from tests.factories import make_line, make_meeting
from transcripts import actions, views
from transcripts.models import NotesWriting

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, owner):
    client.force_login(owner)
    return client


def write_notes(meeting):
    unit = NotesWriting.objects.create(meeting=meeting)
    work.run(NotesWriting, unit.pk, actions.write_notes)


def titles_on(answer) -> list[str]:
    return [meeting.title for meeting, _ in answer.context["rows"]]


def test_home_shows_my_meetings_newest_first(page, owner, stranger):
    make_meeting(owner, title="First")
    make_meeting(owner, title="Second")
    make_meeting(stranger, title="Somebody else's")

    assert titles_on(page.get("/app/")) == ["Second", "First"]


def test_home_shows_when_a_meeting_is_planned(page, owner):
    starts_at = datetime(2030, 1, 2, 16, 30, tzinfo=UTC)
    planning.create(title="Budget", host=owner, transcript_enabled=True, by=owner, plan={"starts_at": starts_at})

    text = page.get("/app/").content.decode()

    assert "Jan. 2, 2030, 4:30 p.m.</time> · Owner Tester" in " ".join(text.split())
    assert "<span>Planned</span>" in text


def test_home_shows_meetings_to_which_one_is_invited_and_not_who_spoke_there(client, owner, stranger):
    meeting = make_meeting(owner, title="Budget", names=("Zoe",))
    Invitation.objects.create(meeting=meeting, email=stranger.email)
    NotesWriting.objects.create(meeting=meeting)
    client.force_login(stranger)

    answer = client.get("/app/")

    assert titles_on(answer) == ["Budget"]
    assert ("Zoe" in answer.content.decode(), "<progress" in answer.content.decode()) == (False, False)


@pytest.mark.parametrize("count", [1, 3])
def test_home_asks_as_often_for_three_meetings_as_for_one(page, owner, count, django_assert_num_queries):
    for number in range(count):
        NotesWriting.objects.create(meeting=make_meeting(owner, title=str(number)))

    # User, meetings, participants, which may be read, and three kinds of work.
    with django_assert_num_queries(7):
        page.get("/app/")


def test_home_refreshes_only_its_rows_when_asked_by_htmx(page, owner):
    make_meeting(owner)

    answer = page.get("/app/", headers={"HX-Request": "true"})

    assert [template.name for template in answer.templates][0] == "transcripts/_meetings.html"


@pytest.mark.parametrize(
    ("size", "shown", "has_more"), [(2, ["Third", "Second"], True), (3, ["Third", "Second", "First"], False)]
)
def test_home_leads_to_all_meetings_where_there_are_more(page, owner, monkeypatch, size, shown, has_more):
    monkeypatch.setattr(views, "PAGE", size)
    for title in ("First", "Second", "Third"):
        make_meeting(owner, title=title)

    answer = page.get("/app/")

    assert titles_on(answer) == shown
    assert ('<a class="button" href="/app/meetings">' in answer.content.decode()) == has_more


def test_progress_leaves_the_waveforms_alone(page, owner, django_assert_max_num_queries):
    NotesWriting.objects.create(meeting=make_meeting(owner))

    with django_assert_max_num_queries(7) as queries:
        page.get("/app/")

    assert not any("peaks" in query["sql"] for query in queries)


def test_meeting_page_shows_lines_speakers_and_notes(page, meeting):
    write_notes(meeting)

    answer = page.get(f"/m/{meeting.pk}")

    context = answer.context
    assert answer.status_code == 200
    assert [(item["clock"], item["speaker"].name, item["text"]) for item in context["items"]] == [
        ("00:00", "Anna", "We decided to move the report to Thursday"),
        ("00:04", "Ben", "Thursday is the better day"),
        ("00:09", "Anna", "I will send the report by Thursday"),
    ]
    assert [(person["name"], person["percent"]) for person in context["speakers"]] == [("Anna", 67), ("Ben", 33)]
    assert context["notes"]["decisions"][0]["receipts"][0]["clock"] == "00:00"
    assert "We decided to move the report to Thursday" in answer.content.decode()


def test_what_was_said_is_escaped(page, owner):
    meeting = make_meeting(owner)
    make_line(meeting, 0, 0, "<script>alert(1)</script>")

    assert "<script>alert(1)" not in page.get(f"/m/{meeting.pk}").content.decode()


def test_opening_the_page_is_audited(page, owner, meeting):
    page.get(f"/m/{meeting.pk}")

    assert AuditEvent.objects.filter(action="GET", user_id=owner.pk, resource__meetingId=meeting.pk).count() == 1


def test_progress_tells_the_page_to_load_anew_when_all_is_done(page, meeting):
    unit = NotesWriting.objects.create(meeting=meeting)
    assert "HX-Refresh" not in page.get(f"/m/{meeting.pk}/progress").headers

    NotesWriting.objects.filter(pk=unit.pk).update(state=WorkState.DONE)

    assert page.get(f"/m/{meeting.pk}/progress").headers["HX-Refresh"] == "true"


def test_export_as_text(page, meeting):
    answer = page.get(f"/m/{meeting.pk}/export?format=txt")

    assert answer.headers["Content-Disposition"] == f'attachment; filename="transcript-{meeting.pk}.txt"'
    assert answer.content.decode().splitlines() == [
        "Weekly planning",
        "",
        "[00:00] Anna: We decided to move the report to Thursday",
        "[00:04] Ben: Thursday is the better day",
        "[00:09] Anna: I will send the report by Thursday",
    ]


def test_export_as_json(page, meeting):
    body = json.loads(page.get(f"/m/{meeting.pk}/export?format=json").content)

    assert body["meeting"] == {"id": meeting.pk, "title": "Weekly planning"}
    assert [line["userName"] for line in body["lines"]] == ["Anna", "Ben", "Anna"]
    assert body["missing"] == []


def test_export_is_audited(page, owner, meeting):
    page.get(f"/m/{meeting.pk}/export?format=txt")

    event = AuditEvent.objects.get(action="EXPORT")
    assert (event.user_id, event.resource) == (owner.pk, {"meetingId": meeting.pk, "content": "transcript.txt"})


@pytest.mark.parametrize(("form", "status", "code"), [("odt", 400, "unknown_format"), ("pdf", 501, "not_implemented")])
def test_export_in_a_form_that_is_not_written(page, meeting, form, status, code):
    answer = page.get(f"/m/{meeting.pk}/export?format={form}")

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_who_may_not_export_gets_neither_button_nor_file(client, stranger, meeting):
    AccessGrant.objects.create(meeting=meeting, user=stranger, rights=[Right.VIEW])
    client.force_login(stranger)

    shown, taken = client.get(f"/m/{meeting.pk}"), client.get(f"/m/{meeting.pk}/export?format=txt")

    assert (shown.context["can_export"], "?format=txt" in shown.content.decode()) == (False, False)
    assert (taken.status_code, taken.json()["code"]) == (403, "not_allowed")


def test_lines_without_a_recording_are_shown_as_moments_to_go_to(page, meeting):
    text = page.get(f"/m/{meeting.pk}").content.decode()

    assert "Thursday is the better day" in text
    assert "Go to 00:04" in text
    assert "Play from" not in text


def test_meeting_to_come_shows_what_is_planned(page, owner):
    meeting = make_meeting(owner, names=[])
    Meeting.objects.update(started_at=None, ended_at=None)

    assert "No time is planned yet." in page.get(f"/m/{meeting.pk}").content.decode()


def test_meeting_that_nobody_transcribed_says_so(page, owner):
    assert "Nothing of this meeting was transcribed." in page.get(f"/m/{make_meeting(owner).pk}").content.decode()


def test_running_meeting_has_its_notes_to_come(page, meeting):
    Meeting.objects.update(ended_at=None)

    assert "The notes are written when the meeting is over." in page.get(f"/m/{meeting.pk}").content.decode()


def test_recording_without_a_file_has_no_waveform(page, meeting):
    recording = Recording.objects.create(meeting=meeting, recording_id="r1", host_name="Anna")
    Track.objects.create(recording=recording, stream_id="1")

    assert page.get(f"/m/{meeting.pk}").context["waveform"]["tracks"] == []


def test_notes_are_written_anew_at_the_push_of_a_button(page, meeting):
    write_notes(meeting)
    before = NotesWriting.objects.get().pk
    assert "Write the notes anew" in page.get(f"/m/{meeting.pk}").content.decode()

    answer = page.post(f"/m/{meeting.pk}/notes")

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/m/{meeting.pk}")
    again = NotesWriting.objects.get()
    assert (again.state, again.pk != before) == (WorkState.QUEUED, True)
    shown = page.get(f"/m/{meeting.pk}")
    assert (shown.context["progress"].stage, shown.context["progress"].percent) == ("Writing notes…", 0)
    assert "Write the notes anew" not in shown.content.decode()


def test_who_only_reads_has_no_button_for_notes(client, stranger, meeting):
    AccessGrant.objects.create(meeting=meeting, user=stranger, rights=[Right.VIEW])
    client.force_login(stranger)

    assert "Write the notes" not in client.get(f"/m/{meeting.pk}").content.decode()
    assert client.post(f"/m/{meeting.pk}/notes").status_code == 403
    assert not NotesWriting.objects.exists()


def test_plan_without_notes_says_why_there_is_no_button(page, meeting):
    User.objects.update(plan=Plan.ESSENTIAL)

    text = page.get(f"/m/{meeting.pk}").content.decode()

    assert ("Notes are not part of the host's plan." in text, "Write the notes" in text) == (True, False)
    assert page.post(f"/m/{meeting.pk}/notes").json()["code"] == "feature_not_in_plan"


def test_notes_are_not_written_more_often_than_the_limit(page, meeting, settings):
    settings.RATES = {**settings.RATES, "RATE_SUMMARY": "1/d"}
    page.post(f"/m/{meeting.pk}/notes")

    assert page.post(f"/m/{meeting.pk}/notes").status_code == 429


def test_plan_without_transcripts_offers_no_import(page, owner):
    User.objects.update(plan=Plan.ESSENTIAL)

    text, form = page.get("/app/").content.decode(), page.get("/app/import")

    assert "Recordings can be added with a plan that has transcripts." in text
    assert (form.status_code, form.json()["code"]) == (403, "feature_not_in_plan")


@pytest.mark.parametrize("path", ["", "/progress", "/export"])
def test_stranger_finds_no_such_page(client, stranger, meeting, path):
    client.force_login(stranger)

    answer = client.get(f"/m/{meeting.pk}{path}", headers={"Accept": "text/html"})

    assert answer.status_code == 404
    assert "Weekly planning" not in answer.content.decode()


@pytest.mark.parametrize("path", ["", "/progress", "/export"])
def test_administrator_is_refused_by_every_page(client, administrator, meeting, path):
    client.force_login(administrator)

    answer = client.get(f"/m/{meeting.pk}{path}", headers={"Accept": "text/html"})

    assert answer.status_code == 403
    assert "Thursday" not in answer.content.decode()


@pytest.mark.parametrize("path", ["", "/progress", "/export"])
def test_nobody_signed_in_is_sent_to_sign_in(client, meeting, path):
    answer = client.get(f"/m/{meeting.pk}{path}")

    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/accounts/sign-in")
