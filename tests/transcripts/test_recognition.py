"""From a track to lines: queued with the recording, committed as it goes, never twice, and what is missing is said."""

import pytest
from django.core.files.storage import default_storage

from accounts.enums import Plan
from accounts.models import User
from config.lib import files, work
from config.lib.work import Interrupted, WorkState
from meetings.models import Participant
from recordings.models import Recording, Track
from tests.factories import make_line, make_meeting
from tests.recordings import samples
from transcripts import actions, reading
from transcripts.models import Line, NotesWriting, TrackRecognition
from transcripts.speech import engines
from transcripts.speech.types import Recognised, Segment

pytestmark = pytest.mark.django_db


class CountingEngine:
    """Numbers the segments that it hears, so that a lost or doubled one shows."""

    name, version = "counting", "1"

    def __init__(self):
        self.heard = 0

    def keep(self) -> str:
        return ""

    def recognise(self, segment: Segment) -> Recognised | None:
        self.heard += 1
        return Recognised(f"Segment at {segment.start_ms}", ())


class DeafEngine(CountingEngine):
    name = "deaf"

    def recognise(self, segment: Segment) -> Recognised | None:
        return None


@pytest.fixture(autouse=True)
def _engines(monkeypatch, settings):
    settings.SPEECH_ENGINE = "counting"
    monkeypatch.setitem(engines.ENGINES, "counting", CountingEngine)
    monkeypatch.setitem(engines.ENGINES, "deaf", DeafEngine)


@pytest.fixture
def track(owner, tmp_path) -> Track:
    """Anna's track of eight bursts of sound with silence between, beginning 1.5 s into the meeting."""
    path = samples.make_talk(tmp_path / "anna.flac", "volume=volume=0:enable='lt(mod(t,3),1.5)'", seconds=24)
    meeting = make_meeting(owner, names=["Anna"])
    recording = Recording.objects.create(meeting=meeting, recording_id="r1", host_name="Anna")
    return Track.objects.create(
        recording=recording,
        participant=Participant.objects.get(meeting=meeting),
        stream_id="0",
        offset_ms=1500,
        duration_ms=24_000,
        file=files.keep(path, "tracks/anna.flac"),
        file_name="anna.flac",
        size=1,
        sha256="",
        container="flac",
        codec="flac",
    )


@pytest.fixture
def recognition(track) -> TrackRecognition:
    actions.queue_recognition(track=track)
    return TrackRecognition.objects.get()


def recognise(unit):
    work.run(TrackRecognition, unit.pk, actions.recognise_track)
    unit.refresh_from_db()
    return unit


def said(meeting):
    return [(line.user_name, line.start_ms, line.message) for line in reading.lines_of(meeting.pk)]


def test_track_becomes_lines_at_its_offset_under_its_speaker(recognition):
    assert recognise(recognition).state == WorkState.DONE

    lines = said(recognition.meeting)
    assert len(lines) == 8
    assert all(name == "Anna" and text == f"Segment at {start - 1500}" for name, start, text in lines)
    assert recognition.engine == "counting 1"


def test_meeting_that_wants_no_transcript_gets_none(track):
    track.recording.meeting.transcript_enabled = False

    actions.queue_recognition(track=track)

    assert not TrackRecognition.objects.exists()


def test_plan_without_transcripts_gets_none(track):
    track.recording.meeting.host.plan = Plan.ESSENTIAL

    actions.queue_recognition(track=track)

    assert not TrackRecognition.objects.exists()


@pytest.mark.parametrize("missing", ["participant", "meeting"])
def test_track_of_nobody_known_or_of_no_meeting_is_not_recognised(track, missing):
    setattr(track if missing == "participant" else track.recording, missing, None)

    actions.queue_recognition(track=track)

    assert not TrackRecognition.objects.exists()


def test_plan_without_summaries_has_no_notes_by_themselves(recognition):
    User.objects.update(plan=Plan.ESSENTIAL)

    recognise(recognition)

    assert (len(said(recognition.meeting)), NotesWriting.objects.count()) == (8, 0)


def test_work_that_was_stopped_in_the_middle_goes_on_where_its_lines_end(recognition, monkeypatch):
    whole = CountingEngine()
    monkeypatch.setitem(engines.ENGINES, "counting", lambda: whole)
    monkeypatch.setattr(actions.recognition, "COMMIT_MS", 1)
    original = whole.recognise

    def stop_at_fifth(segment):
        if whole.heard == 4:
            whole.heard += 1
            raise Interrupted
        return original(segment)

    whole.recognise = stop_at_fifth
    recognise(recognition)
    assert (recognition.state, len(said(recognition.meeting))) == (WorkState.QUEUED, 4)
    whole.recognise = original

    recognise(recognition)

    starts = [start for _, start, _ in said(recognition.meeting)]
    assert recognition.state == WorkState.DONE
    assert len(starts) == len(set(starts)) == 8
    assert whole.heard == 4 + 1 + 4


def test_speech_that_is_not_recognised_is_missing_and_said_so(recognition, settings):
    settings.SPEECH_ENGINE = "deaf"

    recognise(recognition)

    missing = reading.missing_of(recognition.meeting)
    assert recognition.state == WorkState.DONE
    assert len(missing) == 8
    assert missing[0].text == f"Anna's track: {missing[0].seconds} s could not be recognised"
    assert reading.progress_of(recognition.meeting).state == "ready_partial"


def test_damaged_end_of_a_track_is_missing_and_the_rest_is_kept(recognition, tmp_path):
    name = recognition.track.file.name
    with default_storage.open(name) as file:
        whole = file.read()
    default_storage.delete(name)
    (tmp_path / "cut").write_bytes(whole[: len(whole) // 2])
    files.keep(tmp_path / "cut", name)

    recognise(recognition)

    missing = reading.missing_of(recognition.meeting)
    assert recognition.state == WorkState.DONE
    assert 0 < len(said(recognition.meeting)) < 8
    assert [stretch.reason for stretch in missing] == ["damaged"]
    assert missing[0].end_ms == 1500 + 24_000


def test_track_without_any_sound_left_is_parked_and_the_meeting_has_failed(recognition, tmp_path):
    name = recognition.track.file.name
    default_storage.delete(name)
    (tmp_path / "noise").write_bytes(b"no sound at all" * 100)
    files.keep(tmp_path / "noise", name)

    recognise(recognition)

    assert (recognition.state, recognition.error_code) == (WorkState.PARKED, "decode_failed")
    assert reading.progress_of(recognition.meeting).state == "failed"
    assert not NotesWriting.objects.exists()


def test_notes_are_queued_when_the_last_track_is_settled(recognition):
    recognise(recognition)

    assert NotesWriting.objects.get().meeting == recognition.meeting


def test_notes_wait_for_the_other_track(recognition, track):
    second = Participant.objects.create(meeting=recognition.meeting, name="Ben", position=1)
    other = Track.objects.get(pk=track.pk)
    other.pk, other.participant, other.stream_id = "f" * 24, second, "1"
    other.save(force_insert=True)
    actions.queue_recognition(track=other)

    recognise(recognition)
    assert not NotesWriting.objects.exists()

    recognise(TrackRecognition.objects.get(track=other))
    assert NotesWriting.objects.count() == 1


def test_parked_track_tried_again_has_the_notes_written_again(recognition, owner):
    recognise(recognition)
    TrackRecognition.objects.update(state=WorkState.PARKED)

    assert actions.retry(work=recognition, by=owner) is True

    recognition.refresh_from_db()
    assert (recognition.state, NotesWriting.objects.count()) == (WorkState.QUEUED, 0)
    assert actions.retry(work=recognition, by=owner) is False


def test_same_stretch_of_a_track_cannot_be_stored_twice(recognition):
    recognise(recognition)
    line = Line.objects.first()

    line.pk = "e" * 24
    with pytest.raises(Exception, match="line_once_per_track"):
        line.save(force_insert=True)


def test_progress_adds_up_tracks_and_notes(recognition):
    TrackRecognition.objects.update(progress=50, state=WorkState.RUNNING, seconds_left=10)

    progress = reading.progress_of(recognition.meeting)

    assert (progress.state, progress.percent, progress.seconds_left) == ("processing", 45, 10)
    assert progress.tracks == [
        {"name": "Anna", "hue": 0, "initials": "A", "percent": 50, "state": "running", "error": ""}
    ]


def test_line_in_the_clear_is_nowhere_in_its_row(owner):
    make_line(make_meeting(owner), 0, 0, "Pomegranate")

    assert b"omegranate" not in bytes(Line.objects.get().message)


def test_engine_goes_on_with_what_was_kept_of_the_voice(recognition, monkeypatch):
    resumed = []

    class Remembering(CountingEngine):
        def keep(self):
            return "means"

        def resume(self, kept):
            resumed.append(kept)

    monkeypatch.setitem(engines.ENGINES, "counting", Remembering)
    recognise(recognition)
    TrackRecognition.objects.update(state=WorkState.QUEUED)

    recognise(recognition)

    assert resumed == ["means"]
    assert len(said(recognition.meeting)) == 8


def test_parked_notes_tried_again_are_only_queued(recognition, owner):
    recognise(recognition)
    NotesWriting.objects.update(state=WorkState.PARKED)
    unit = NotesWriting.objects.get()

    assert actions.retry(work=unit, by=owner) is True

    assert NotesWriting.objects.get().state == WorkState.QUEUED


def test_decoder_that_gives_up_half_way_leaves_the_rest_missing(recognition, tmp_path, monkeypatch):
    decoder = tmp_path / "ffmpeg"
    decoder.write_text("#!/bin/sh\nhead -c 320000 /dev/zero\nexit 1\n")
    decoder.chmod(0o755)
    monkeypatch.setenv("FFMPEG_BINARY", str(decoder))

    recognise(recognition)

    missing = reading.missing_of(recognition.meeting)
    assert recognition.state == WorkState.DONE
    assert [(stretch.start_ms, stretch.end_ms, stretch.reason) for stretch in missing] == [(11_500, 25_500, "damaged")]
