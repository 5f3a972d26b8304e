"""From tracks to the one sound that the page plays."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from accounts.models import AuditEvent
from config.lib import work
from config.lib.staging import StagedFile
from config.lib.work import WorkState
from meetings import actions as meetings_actions
from recordings import actions, media
from recordings.enums import RecordingState
from recordings.exceptions import NoTracks
from recordings.media import probe
from recordings.models import AudioMix, Recording, Track
from tests.factories import make_meeting
from tests.recordings import samples
from transcripts.models import NotesWriting

pytestmark = pytest.mark.django_db


@pytest.fixture
def mix(owner, tmp_path) -> AudioMix:
    """The mix, still to be made, of two tracks of two seconds, the second a second later."""
    tracks = []
    for number, name in enumerate(("Anna", "Ben")):
        path = samples.make_tone(tmp_path / f"{name}.flac")
        file = StagedFile(path, path.name, path.stat().st_size, "")
        tracks.append(actions.StagedTrack(name, 1000 * number, file, probe(path, name=path.name)))
    actions.import_meeting(title="Planning", host=owner, tracks=tracks, by=owner)
    return AudioMix.objects.get()


def perform(mix):
    work.run(AudioMix, mix.pk, actions.mix_audio)
    mix.refresh_from_db()
    return mix


def test_mix_is_as_long_as_the_meeting_and_each_track_is_drawn(mix):
    assert perform(mix).state == WorkState.DONE

    found = probe(Path(mix.file.path), name="mix.m4a")
    assert found.duration_ms == pytest.approx(3000, abs=150)
    assert [len(track.peaks) for track in Track.objects.all()] == [20, 20]
    assert Recording.objects.get().state == RecordingState.READY


def test_mix_made_again_replaces_the_first(mix):
    first = perform(mix).file.name
    AudioMix.objects.update(state=WorkState.QUEUED)
    Recording.objects.update(state=RecordingState.PROCESSING)

    second = perform(mix).file.name

    assert [default_storage.exists(name) for name in (first, second)] == [False, True]


def test_mix_that_is_interrupted_at_its_end_leaves_no_file(mix, monkeypatch):
    real_mix = media.mix

    def mix_then_stop(*args, **kwargs):
        real_mix(*args, **kwargs)
        work.stopping.set()

    monkeypatch.setattr(media, "mix", mix_then_stop)
    try:
        perform(mix)
    finally:
        work.stopping.clear()

    assert (mix.state, mix.file.name) == (WorkState.QUEUED, "")
    assert not default_storage.exists("mixes") or not any(
        default_storage.listdir(f"mixes/{folder}")[1] for folder in default_storage.listdir("mixes")[0]
    )


def test_failed_mix_fails_its_recording_and_can_be_tried_again(mix, owner):
    for track in Track.objects.all():
        default_storage.delete(track.file.name)
    AudioMix.objects.update(attempts=4)
    assert perform(mix).state == WorkState.PARKED
    assert Recording.objects.get().state == RecordingState.FAILED

    assert actions.retry_mix(work=mix, by=owner) is True
    assert actions.retry_mix(work=mix, by=owner) is False

    mix.refresh_from_db()
    assert (mix.state, Recording.objects.get().state) == (WorkState.QUEUED, RecordingState.PROCESSING)
    assert AuditEvent.objects.filter(action="RETRY", user_id=owner.pk).count() == 1


def test_other_work_that_settles_does_not_touch_the_recording(mix):
    actions.settle_recording(work=NotesWriting(state=WorkState.DONE))

    assert Recording.objects.get().state == RecordingState.PROCESSING


def test_import_without_a_file_is_refused(owner):
    with pytest.raises(NoTracks):
        actions.import_meeting(title="Planning", host=owner, tracks=[], by=owner)


def test_file_that_cannot_be_stored_leaves_nothing(owner, tmp_path):
    gone = StagedFile(tmp_path / "gone.flac", "gone.flac", 5, "")
    about = media.Probe(duration_ms=1000, container="flac", codec="flac", sample_rate=16_000, channels=1)

    with pytest.raises(FileNotFoundError):
        actions.import_meeting(
            title="Planning", host=owner, tracks=[actions.StagedTrack("Anna", 0, gone, about)], by=owner
        )

    assert not Recording.objects.exists()


def test_recording_belongs_to_its_meeting_once(owner):
    meeting = make_meeting(owner)

    for _ in range(2):
        meetings_actions.add_recording(meeting=meeting, recording_id="r1")

    meeting.refresh_from_db()
    assert meeting.recording_ids == ["r1"]


def test_lease_that_is_lost_at_the_end_leaves_no_file(mix, monkeypatch):
    real_mix = media.mix

    def mix_then_lose(*args, **kwargs):
        real_mix(*args, **kwargs)
        AudioMix.objects.update(lease="somebody else's")

    monkeypatch.setattr(media, "mix", mix_then_lose)

    perform(mix)

    assert (mix.state, mix.file.name) == (WorkState.RUNNING, "")
