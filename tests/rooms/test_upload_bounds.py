"""How much one file may have, and all files of a room together."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connections

from accounts.enums import Plan
from rooms.actions import files
from rooms.exceptions import EmptyFile, FileTooLarge, RoomFilesFull
from tests.asgi import bearer, call, chunked
from tests.factories import make_room
from tests.rooms.uploading import FORM, NOTHING, form, hung_up, left_behind, part, post, put, refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _bounds(settings):
    settings.ROOM_FILE_MAX_BYTES = {"essential": 0, "professional": 2**20}
    settings.ROOM_FILES_MAX_BYTES = 2**21


def test_declared_length_is_refused_before_anything_is_read(room, member):
    sent, reads = hung_up(room, member, length=2**21 + 1)

    # What is read comes after the answer, and only so that the client sees it.
    assert sent[0]["status"] == 413
    assert b"file_too_large" in sent[1]["body"]
    assert reads <= 1
    assert left_behind() == NOTHING


def test_found_out_on_the_way(room, member):
    content = form(part(b"a.txt", b"x" * (2**20 + 1)))["content"]
    body = chunked([content[start : start + 2**16] for start in range(0, len(content), 2**16)])

    answer = call("POST", f"/room/{room.pk}/upload", headers={**bearer(member), **FORM}, content=body)

    assert refused(answer) == (413, "file_too_large")
    assert answer.json()["message"] == "A file may have 1 MiB at most; nothing was kept."
    assert left_behind() == NOTHING


def test_exactly_the_limit_is_taken(room, member):
    assert post(room, member, "a.txt", b"x" * 2**20).status_code == 200


def test_by_any_way(room, member):
    with pytest.raises(FileTooLarge):
        put(room, member, "a.txt", b"x" * (2**20 + 1))
    with pytest.raises(EmptyFile):
        put(room, member, "a.txt", b"")


def test_every_plan_says_what_a_file_may_have():
    assert settings.ROOM_FILE_MAX_BYTES.keys() == set(Plan.values)


def test_plan_of_the_owner_decides_and_not_of_who_sends(room, owner, member, settings):
    settings.ROOM_FILE_MAX_BYTES = {"essential": 2**20, "professional": 2**10}
    member.plan = "essential"
    member.save()

    assert refused(post(room, member, "a.txt", b"x" * 2**11)) == (413, "file_too_large")


def test_files_of_a_room_have_a_bound_together(room, owner, member):
    first = put(room, member, "a.txt", b"x" * 2**20)
    put(room, owner, "b.txt", b"x" * (2**20 - 1))

    full = post(room, member, "c.txt", b"xx")
    last = post(room, member, "c.txt", b"x")
    files.delete(room=room, file=first.row, by=member)
    again = post(room, member, "d.txt", b"xx")

    assert refused(full) == (413, "room_files_full")
    assert full.json()["message"] == "The room has no space left for this file: delete others first."
    assert [answer.status_code for answer in (last, again)] == [200, 200]
    assert len(left_behind()["stored"]) == 3
    assert post(make_room(owner), owner, "a.txt").status_code == 200


def test_files_at_once_do_not_pass_the_bound_together(room, member):
    begin = threading.Barrier(4)

    def put_at_once(number: int) -> bool:
        try:
            begin.wait(20)
            put(room, member, f"{number}.txt", b"x" * 2**20)
            return True
        except RoomFilesFull:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(put_at_once, range(4)))

    assert sorted(taken) == [False, False, True, True]
    assert len(left_behind()["stored"]) == 2
