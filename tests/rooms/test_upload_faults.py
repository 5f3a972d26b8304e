"""Uploads that break off or fail halfway: nothing stays of them."""

import errno
import os
import time

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from config.lib import keys, multipart, staging
from config.lib.ids import new_id
from rooms.actions import files, places
from rooms.exceptions import RoomNotFound
from tests.rooms.uploading import NOTHING, TEXT, form, hung_up, left_behind, part, post, put, refused

pytestmark = pytest.mark.django_db(transaction=True)


def test_client_that_hangs_up_leaves_nothing(room, member):
    content = form(part(b"a.txt", b"x" * 2**20))["content"]

    sent, _ = hung_up(room, member, content[: len(content) // 2])

    assert sent == []
    assert left_behind() == NOTHING


def test_full_disk_is_said_and_leaves_nothing(room, member, monkeypatch):
    """The device that is always full takes the file's place."""

    class FullDisk(staging.StagedWriter):
        def __init__(self, path, file_name):
            super().__init__(path, file_name)
            self._file.close()
            self._file = open("/dev/full", "wb")  # noqa: SIM115

    monkeypatch.setattr(multipart, "StagedWriter", FullDisk)

    assert os.strerror(errno.ENOSPC)
    assert refused(post(room, member, "a.txt", TEXT * 10_000)) == (503, "storage_full")
    assert left_behind() == NOTHING


def test_row_that_cannot_be_committed_takes_its_file_along(room, member, monkeypatch):
    def fail(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("rooms.actions.files.audit.record", fail)

    with pytest.raises(ZeroDivisionError):
        put(room, member, "a.txt")

    assert left_behind() == NOTHING


def test_interrupt_after_the_commit_keeps_the_file(room, member, monkeypatch):
    def interrupted(*args, **kwargs):
        transaction.on_commit(interrupt)
        return RealFile(*args, **kwargs)

    def interrupt():
        raise KeyboardInterrupt

    RealFile = files.NamedFile
    monkeypatch.setattr(files, "NamedFile", interrupted)

    with pytest.raises(KeyboardInterrupt):
        put(room, member, "a.txt")

    assert left_behind()["stored"] == left_behind()["rows"] != []


def test_room_that_is_deleted_meanwhile_takes_nothing_in(room, owner, member, monkeypatch):
    monkeypatch.setattr("rooms.actions.files.scanning.check", lambda path: places.delete(room=room, by=owner))

    with pytest.raises(RoomNotFound):
        put(room, member, "a.txt")

    assert left_behind() == NOTHING


def test_room_whose_key_is_gone_takes_nothing_in(room, member):
    keys.destroy(room.pk)

    assert refused(post(room, member, "a.txt")) == (410, "key_missing")
    assert left_behind() == NOTHING


def test_files_that_no_row_names_are_removed_when_they_are_old(room, member):
    kept = put(room, member, "a.txt").row.stored_name
    old = default_storage.save(f"documents/{room.pk}/{new_id()}", ContentFile(b"left by a kill"))
    of_no_room = default_storage.save(f"documents/{new_id()}/{new_id()}", ContentFile(b"left by a kill"))
    young = default_storage.save(f"documents/{room.pk}/{new_id()}", ContentFile(b"about to be committed"))
    past = time.time() - 24 * 3600
    for name in (kept, old, of_no_room):
        os.utime(default_storage.path(name), (past, past))

    assert files.remove_orphans() == 2

    assert [default_storage.exists(name) for name in (kept, old, of_no_room, young)] == [True, False, False, True]
