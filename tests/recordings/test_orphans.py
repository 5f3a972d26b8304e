"""Stored files and the rows that name them."""

import os
import time

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from config.lib import keys, work
from config.lib.crypto import FieldCipher
from config.lib.staging import StagedFile
from meetings.models import Meeting
from recordings import actions
from recordings.media import Probe
from recordings.models import Track

DAY = 24 * 3600


@pytest.fixture
def staged(tmp_path) -> actions.StagedTrack:
    path = tmp_path / "anna"
    path.write_bytes(b"sound")
    probe = Probe(duration_ms=1000, container="flac", codec="flac", sample_rate=16_000, channels=1)
    return actions.StagedTrack("Anna", 0, StagedFile(path, "anna.flac", 5, ""), probe)


def make_older(name):
    past = time.time() - DAY
    os.utime(default_storage.path(name), (past, past))


@pytest.mark.django_db(transaction=True)
def test_interrupt_while_ringing_leaves_the_committed_import_whole(owner, staged, monkeypatch):
    def interrupted(unit):
        raise KeyboardInterrupt

    monkeypatch.setattr(work, "ring", interrupted)

    with pytest.raises(KeyboardInterrupt):
        actions.import_meeting(title="Planning", host=owner, tracks=[staged], by=owner)

    assert default_storage.exists(Track.objects.get().file.name)
    assert isinstance(keys.cipher(Meeting.objects.get().pk), FieldCipher)


@pytest.mark.django_db(transaction=True)
def test_files_that_no_row_names_are_removed_when_they_are_old(owner, staged):
    actions.import_meeting(title="Planning", host=owner, tracks=[staged], by=owner)
    kept = Track.objects.get().file.name
    old = default_storage.save("tracks/gone/left.flac", ContentFile(b"left by a kill"))
    young = default_storage.save("mixes/new/coming.m4a", ContentFile(b"about to be committed"))
    make_older(kept)
    make_older(old)

    assert actions.remove_orphans() == 1

    assert [default_storage.exists(name) for name in (kept, old, young)] == [True, False, True]


@pytest.mark.django_db
def test_import_by_any_way_is_bounded(owner, staged, settings):
    settings.UPLOAD_MAX_BYTES = 4

    with pytest.raises(actions.TooLarge):
        actions.import_meeting(title="Planning", host=owner, tracks=[staged], by=owner)

    assert not Meeting.objects.exists()


@pytest.mark.django_db
def test_import_by_any_way_takes_at_most_a_hundred_files(owner, staged):
    with pytest.raises(actions.TooManyParts):
        actions.import_meeting(title="Planning", host=owner, tracks=[staged] * 101, by=owner)

    assert not Meeting.objects.exists()
