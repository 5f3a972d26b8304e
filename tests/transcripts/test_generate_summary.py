"""`POST /transcription/generate-summary/:meetingId`: notes on request, and at the end of a meeting."""

import threading
import time

import pytest
from django.db import connection

from accounts.enums import Plan
from accounts.models import AuditEvent, User
from config.lib import facts, work
from config.lib.work import WorkState
from meetings import actions as meetings_actions
from meetings.enums import COHOST_RIGHTS, Right
from meetings.models import AccessGrant, Meeting
from tests.factories import make_line, make_meeting
from tests.system.processes import wait_until
from transcripts import actions, reading
from transcripts.models import Line, Notes, NotesWriting

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """What is stated while the test runs, by name."""
    stated = []

    def hearer(fact):
        def hear(*, meeting):
            stated.append((fact, meeting.pk))

        return hear

    hearers = {fact: hearer(fact) for fact in ("transcript_ready", "summary_ready")}
    for fact, hear in hearers.items():
        facts.subscribe(fact, hear)
    yield stated
    for fact, hear in hearers.items():
        facts._subscribers[fact].remove(hear)


def post(api, user, meeting, body=None, **request):
    api.force_authenticate(user)
    return api.post(f"/transcription/generate-summary/{meeting.pk}", body, format="json", **request)


def write():
    unit = NotesWriting.objects.get()
    work.run(NotesWriting, unit.pk, actions.write_notes)
    return NotesWriting.objects.get(pk=unit.pk)


def work_when_there_is_some():
    """Do the work from a thread, as a worker would, while somebody waits for it."""

    def do():
        try:
            wait_until(NotesWriting.objects.exists, 20, "notes are asked for")
            write()
        finally:
            connection.close()

    thread = threading.Thread(target=do)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_call_waits_for_the_notes(api, owner, meeting, settings):
    settings.SUMMARY_WAIT_S = 20
    worker = work_when_there_is_some()

    answer = post(api, owner, meeting, {"language": "en", "template": "short"})

    worker.join()
    body = answer.json()
    assert (answer.status_code, body["success"], body["message"]) == (200, True, "Summary generated successfully")
    assert body["data"] == api.get(f"/meeting/{meeting.pk}/summary").json()
    assert body["data"]["notes"]["decisions"] == ["We decided to move the report to Thursday"]


@pytest.mark.django_db(transaction=True)
def test_who_waits_holds_no_connection(owner, meeting, settings):
    NotesWriting.objects.create(meeting=meeting)
    closed = []
    real = connection.close
    connection.close = lambda: (closed.append(True), real())
    try:
        assert reading.wait_for_notes(meeting, 0.5) == WorkState.QUEUED
    finally:
        connection.close = real

    assert len(closed) >= 2


def test_call_that_waited_long_enough_says_how_far_it_is(api, owner, meeting):
    answer = post(api, owner, meeting)

    assert (answer.status_code, answer.json()) == (202, {"success": True, "data": {"state": "queued", "progress": 0}})


def test_call_that_asks_for_it_does_not_wait(api, owner, meeting, settings):
    settings.SUMMARY_WAIT_S = 60
    began = time.monotonic()

    answer = post(api, owner, meeting, headers={"Prefer": "respond-async"})

    assert (answer.status_code, time.monotonic() - began < 10) == (202, True)


def test_request_is_audited(api, owner, meeting):
    post(api, owner, meeting)

    event = AuditEvent.objects.get(action="WRITE-NOTES")
    assert (event.user_id, event.resource) == (owner.pk, {"meetingId": meeting.pk, "content": "summary"})


def test_second_request_joins_the_first(api, owner, meeting):
    post(api, owner, meeting)
    first = NotesWriting.objects.get().pk

    post(api, owner, meeting)
    NotesWriting.objects.update(state=WorkState.RUNNING)
    post(api, owner, meeting)

    assert NotesWriting.objects.get().pk == first


def test_notes_are_written_anew_with_what_was_said_since(api, owner, meeting):
    post(api, owner, meeting)
    write()
    make_line(meeting, 1, 20_000, "We decided to invite everybody to the review")

    assert post(api, owner, meeting).status_code == 202
    # Until the new ones are there, the old ones are.
    assert len(api.get(f"/meeting/{meeting.pk}/summary").json()["notes"]["decisions"]) == 1
    assert write().state == WorkState.DONE

    assert len(api.get(f"/meeting/{meeting.pk}/summary").json()["notes"]["decisions"]) == 2
    assert (Notes.objects.count(), NotesWriting.objects.count()) == (1, 1)


def test_notes_that_failed_are_tried_again(api, owner, meeting):
    NotesWriting.objects.create(meeting=meeting, state=WorkState.PARKED, error_code="server_error")

    assert post(api, owner, meeting).status_code == 202
    assert NotesWriting.objects.get().state == WorkState.QUEUED


def test_notes_that_fail_while_one_waits_say_so(api, owner, meeting, monkeypatch):
    monkeypatch.setattr(reading, "wait_for_notes", lambda meeting, seconds: WorkState.PARKED)

    answer = post(api, owner, meeting)

    assert (answer.status_code, answer.json()["code"]) == (503, "notes_failed")


def test_waiting_ends_with_the_work(meeting):
    assert reading.wait_for_notes(meeting, 60) == WorkState.PARKED

    NotesWriting.objects.create(meeting=meeting, state=WorkState.DONE)

    assert reading.wait_for_notes(meeting, 60) == WorkState.DONE


def test_meeting_in_which_nothing_was_said_has_no_transcript(api, owner):
    answer = post(api, owner, make_meeting(owner))

    assert (answer.status_code, answer.json()["code"]) == (404, "no_transcript")


@pytest.mark.parametrize("path", ["0" * 24, "x", "%00"])
def test_unknown_meeting(api, owner, path):
    api.force_authenticate(owner)

    answer = api.post(f"/transcription/generate-summary/{path}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_cohost_and_whoever_may_edit_have_notes_written(api, member, stranger, meeting):
    AccessGrant.objects.create(meeting=meeting, user=member, rights=[*COHOST_RIGHTS], is_cohost=True)
    AccessGrant.objects.create(meeting=meeting, user=stranger, rights=[Right.EDIT])

    assert [post(api, user, meeting).status_code for user in (member, stranger)] == [202, 202]


def test_who_only_took_part_has_none_written(api, member, meeting):
    meeting.participants.filter(position=1).update(user=member)

    answer = post(api, member, meeting)

    assert (answer.status_code, answer.json()["code"], NotesWriting.objects.count()) == (403, "not_allowed", 0)


def test_stranger_cannot_tell_that_there_is_a_meeting(api, stranger, meeting):
    assert post(api, stranger, meeting).status_code == 404


def test_administrator_is_refused(api, administrator, meeting):
    assert post(api, administrator, meeting).json()["code"] == "content_closed_to_admins"


def test_nobody_signed_in_is_refused(api, meeting):
    assert api.post(f"/transcription/generate-summary/{meeting.pk}").status_code == 401


def test_plan_of_the_host_decides(api, owner, meeting):
    User.objects.update(plan=Plan.ESSENTIAL)

    answer = post(api, owner, meeting)

    assert (answer.status_code, answer.json()["code"]) == (403, "feature_not_in_plan")


def test_requests_are_limited_and_readings_are_not(api, owner, meeting, settings):
    settings.RATES = {**settings.RATES, "RATE_SUMMARY": "1/d"}

    answers = [post(api, owner, meeting) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 429]
    assert [api.get(f"/meeting/{meeting.pk}/summary").status_code for _ in range(3)] == [404, 404, 404]


def test_meeting_that_ends_has_transcript_and_notes(owner, meeting, heard):
    Meeting.objects.update(ended_at=None)

    meetings_actions.end(meeting=meeting, by=owner)
    assert heard == [("transcript_ready", meeting.pk)]
    write()

    assert heard == [("transcript_ready", meeting.pk), ("summary_ready", meeting.pk)]


def test_meeting_that_ends_in_silence_has_neither(owner, heard):
    meeting = make_meeting(owner)
    Meeting.objects.update(ended_at=None)

    meetings_actions.end(meeting=meeting, by=owner)

    assert (heard, NotesWriting.objects.count()) == ([], 0)


def test_plan_without_summaries_has_no_notes_by_themselves(owner, meeting, heard):
    Meeting.objects.update(ended_at=None)
    User.objects.update(plan=Plan.ESSENTIAL)

    meetings_actions.end(meeting=meeting, by=owner)

    assert (heard, NotesWriting.objects.count()) == ([("transcript_ready", meeting.pk)], 0)


def test_notes_of_a_running_meeting_are_written_anew_at_its_end(api, owner, meeting):
    Meeting.objects.update(ended_at=None)
    post(api, owner, meeting)
    first = write()

    meetings_actions.end(meeting=meeting, by=owner)

    again = NotesWriting.objects.get()
    assert (again.state, again.pk != first.pk) == (WorkState.QUEUED, True)


def test_lines_that_come_while_the_last_notes_are_written_are_in_them(meeting, monkeypatch):
    NotesWriting.objects.create(meeting=meeting)
    real, late = reading.lines_of, []

    def lines_and_one_more(meeting_id):
        yield from real(meeting_id)
        if not late:
            late.append(make_line(meeting, 1, 20_000, "We decided to invite everybody to the review"))

    monkeypatch.setattr(reading, "lines_of", lines_and_one_more)
    assert write().state == WorkState.DONE
    monkeypatch.undo()

    assert "We decided to invite everybody to the review" in reading.notes_of(meeting)["notes"]["decisions"]


def test_notes_of_a_running_meeting_do_not_chase_it(meeting, monkeypatch):
    Meeting.objects.update(ended_at=None)
    NotesWriting.objects.create(meeting=meeting)
    real = reading.lines_of

    def lines_and_one_more(meeting_id):
        yield from real(meeting_id)
        make_line(meeting, 1, 20_000, "And so on")

    monkeypatch.setattr(reading, "lines_of", lines_and_one_more)

    assert write().state == WorkState.DONE
    assert Line.objects.count() == 4
