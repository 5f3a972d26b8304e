"""What is told on people's tabs about meetings: rights, progress, and what is ready."""

import pytest

from accounts.enums import Plan
from config.lib import facts
from meetings import access
from recordings.models import AudioMix, Recording
from tests.factories import make_line, make_meeting
from transcripts.actions import follow_meeting
from transcripts.models import NotesWriting, TrackRecognition

pytestmark = pytest.mark.django_db


def told_of(meeting, kind, **said):
    fields = "".join(f',"{name}":{value}' for name, value in said.items())
    return f'{{"type":"{kind}","meetingId":"{meeting.pk}"{fields}}}'


def test_who_is_given_rights_is_told(owner, stranger, told, django_capture_on_commit_callbacks):
    meeting = make_meeting(owner)

    with django_capture_on_commit_callbacks(execute=True):
        access.give(meeting=meeting, gift=access.Gift(stranger.pk, frozenset({"export", "view"})), by=owner)
        access.give(meeting=meeting, gift=access.Gift(stranger.pk), by=owner)

    assert told() == [(f"user.{stranger.pk}", told_of(meeting, "access-granted", rights='["view","export"]'))]


def test_transcript_that_is_ready_is_told_to_all_who_may_read_it(
    owner, stranger, told, django_capture_on_commit_callbacks
):
    owner.plan = Plan.PROFESSIONAL
    owner.save()
    meeting = make_meeting(owner)
    make_line(meeting, 0, 0, "Good morning.")
    access.give(meeting=meeting, gift=access.Gift(stranger.pk, frozenset({"view"})), by=owner)

    with django_capture_on_commit_callbacks(execute=True):
        follow_meeting(meeting=meeting)

    ready = [(f"user.{user.pk}", told_of(meeting, "transcript-ready")) for user in (owner, stranger)]
    assert told() == ready


def test_host_is_told_of_progress_once_a_second(owner, told, django_capture_on_commit_callbacks):
    meeting = make_meeting(owner)
    mix = AudioMix(recording=Recording.objects.create(meeting=meeting, recording_id="r1", host_name="Anna"))
    works = [TrackRecognition(meeting=meeting), mix, NotesWriting(meeting=meeting), mix]
    with django_capture_on_commit_callbacks(execute=True):
        for progress, work in enumerate(works, 41):
            work.progress = progress
            facts.state("work_progressed", work=work)

    assert told() == [
        (f"user.{owner.pk}", told_of(meeting, "work-progress", work='"recognition"', progress=41)),
        (f"user.{owner.pk}", told_of(meeting, "work-progress", work='"mix"', progress=42)),
    ]


def test_mix_of_no_meeting_is_nobodys(told, django_capture_on_commit_callbacks):
    recording = Recording.objects.create(meeting=None, recording_id="r1", host_name="Anna")

    with django_capture_on_commit_callbacks(execute=True):
        facts.state("work_progressed", work=AudioMix(recording=recording))

    assert told() == []
