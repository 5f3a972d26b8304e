"""`POST /room/:roomId/upload`: what is kept, what is refused, and that nothing stays of the latter."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connections

from accounts.models import AuditEvent, User
from rooms.actions import files
from rooms.enums import RoomRole
from rooms.models import Room, RoomFile, RoomMember
from tests.asgi import bearer, call, page_session
from tests.factories import make_room
from tests.rooms.uploading import BOUNDARY, FORM, NOTHING, TEXT, form, left_behind, merged, part, post, put, refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("who", ["owner", "cohost", "member"])
def test_member_puts_a_file_into_the_room(request, room, who):
    user = request.getfixturevalue(who)

    answer = post(room, user, "Document_72835505.txt")

    filename = f"{room.pk}_Document_72835505.txt"
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "success": True,
            "data": {
                "originalName": "Document_72835505.txt",
                "filename": filename,
                "size": len(TEXT),
                "roomId": room.pk,
                "path": f"documents/{room.pk}/{filename}",
            },
            "msg": "File uploaded successfully!",
        },
    )
    row = RoomFile.objects.get()
    assert (row.uploaded_by, row.size, row.content_type) == (user, len(TEXT), "text/plain")
    assert row.sha256 == hashlib.sha256(TEXT).hexdigest()
    assert Path(default_storage.path(f"documents/{room.pk}/{row.pk}")).read_bytes() == TEXT
    assert left_behind() == {"rows": [row.pk], "stored": [row.pk], "staged": []}
    event = AuditEvent.objects.get(action="UPLOAD")
    assert (event.user_id, event.resource) == (user.pk, {"roomId": room.pk, "fileId": row.pk})


def test_page_sends_with_its_session_and_token(room, member):
    with_token, without = page_session(member), page_session(member, with_csrf=False)

    assert post(room, None, "a.txt", headers=with_token).status_code == 200
    assert refused(post(room, None, "a.txt", headers=without)) == (403, "csrf_failed")


def test_name_is_nowhere_in_clear(room, member):
    post(room, member, "Zanzibar.txt")

    row = RoomFile.objects.values().get()
    written = repr({name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()})
    assert "zanzibar" not in written.lower()
    assert "zanzibar" not in repr(list(AuditEvent.objects.values())).lower()
    assert "zanzibar" not in repr(left_behind()).lower()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"../../etc/passwd.txt", "passwd.txt"),
        (b"C:\\\\Users\\\\anna.txt", "anna.txt"),
        (b"..txt", None),
        (b".hidden.txt", "_hidden.txt"),
        (b"a\x00\x1b.txt", "a__.txt"),
        ("Отчёт.txt".encode(), "Отчёт.txt"),
        ("a\u202etxt.exe.txt".encode(), "a_txt.exe.txt"),
        (b"caf\xc3.txt", "caf\ufffd.txt"),
        (b"con.txt", "_con.txt"),
    ],
)
def test_name_is_made_safe(room, member, sent, kept):
    answer = call("POST", f"/room/{room.pk}/upload", **merged(bearer(member), form(part(sent))))

    if kept is None:
        assert refused(answer) == (415, "type_not_allowed")
    else:
        assert answer.json()["data"]["filename"] == f"{room.pk}_{kept}"
        assert answer.json()["data"]["originalName"] == kept


def test_name_that_is_taken_gets_a_number(room, member, owner):
    sent = [post(room, member, "a.tar.txt").json()["data"] for _ in range(3)]

    assert [row["filename"] for row in sent] == [
        f"{room.pk}_{name}" for name in ("a.tar.txt", "a.tar (2).txt", "a.tar (3).txt")
    ]
    assert {row["originalName"] for row in sent} == {"a.tar.txt"}
    assert post(make_room(owner), owner, "a.tar.txt").json()["data"]["filename"].endswith("_a.tar.txt")


def test_number_that_became_free_is_used_again(room, member):
    first, _, _ = (put(room, member, "a.txt") for _ in range(3))
    files.delete(room=room, file=first.row, by=member)

    assert [put(room, member, "a.txt").name for _ in range(2)] == ["a.txt", "a (4).txt"]


def test_many_files_of_one_name(room, member):
    names = {put(room, member, "a.txt").name for _ in range(52)}

    assert {"a.txt", "a (51).txt", "a (52).txt"} <= names
    assert len(names) == 52


def test_files_of_one_name_at_once_get_names_of_their_own(room, member):
    begin = threading.Barrier(8)

    def put_at_once(_: int) -> str:
        try:
            begin.wait(20)
            return put(room, member, "a.txt").name
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(put_at_once, range(8)))

    assert sorted(names) == sorted(["a.txt", *(f"a ({number}).txt" for number in range(2, 9))])
    assert len(left_behind()["stored"]) == 8


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        ("stranger", 404, "not_found"),
        ("administrator", 403, "content_closed_to_admins"),
        (None, 401, "not_authenticated"),
    ],
)
def test_nobody_else_puts_a_file_there(request, room, who, status, code):
    user = request.getfixturevalue(who) if who else None

    assert refused(post(room, user, "a.txt")) == (status, code)
    assert left_behind() == NOTHING


def test_viewer_reads_files_and_puts_none_there(room, member):
    RoomMember.objects.filter(room=room, user=member).update(role=RoomRole.VIEWER)

    assert refused(post(room, member, "a.txt")) == (403, "not_allowed")
    assert left_behind() == NOTHING


def test_presenter_puts_a_file_there(room, member):
    RoomMember.objects.filter(room=room, user=member).update(role=RoomRole.PRESENTER)

    assert post(room, member, "a.txt").status_code == 200


@pytest.mark.parametrize("room_id", ["nothing", "0" * 24, "%00", "A" * 24])
def test_room_that_is_not_there(member, room_id):
    answer = call("POST", f"/room/{room_id}/upload", headers=bearer(member), files={"file": ("a.txt", TEXT)})

    assert refused(answer) == (404, "not_found")


def test_new_file_needs_the_owners_plan(room, owner, member):
    put(room, member, "a.txt")
    User.objects.filter(pk=owner.pk).update(plan="essential")

    answer = post(room, member, "b.txt")

    assert refused(answer) == (403, "feature_not_in_plan")
    assert answer.json()["errors"] == {"feature": ["enhanced_chat"]}
    assert len(left_behind()["rows"]) == 1


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("a.txt", b"", 400, "empty_file"),
        ("a.exe", b"MZ", 415, "type_not_allowed"),
        ("a.html", b"<html>", 415, "type_not_allowed"),
        ("a.pdf", b"MZ\x90", 415, "type_mismatch"),
        ("a", TEXT, 415, "type_not_allowed"),
    ],
)
def test_file_that_is_not_taken(room, member, name, content, status, code):
    assert refused(post(room, member, name, content)) == (status, code)
    assert left_behind() == NOTHING


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (form(), 400, "no_file"),
        (form(part(b"", b"")), 400, "no_file"),
        (form(part(b"a.txt"), part(b"b.txt")), 400, "too_many_files"),
        ({"headers": FORM, "content": part(b"a.txt")}, 400, "bad_form"),
        ({"headers": {"Content-Type": "application/json"}, "content": b"{}"}, 400, "bad_form"),
    ],
    ids=["no parts", "nothing chosen", "two files", "cut off", "no form"],
)
def test_form_without_its_one_file(room, member, request_, status, code):
    answer = call("POST", f"/room/{room.pk}/upload", **merged(bearer(member), request_))

    assert refused(answer) == (status, code)
    assert left_behind() == NOTHING


def test_form_with_fields_alone(room, member):
    field = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'.encode()

    answer = call("POST", f"/room/{room.pk}/upload", **merged(bearer(member), form(field)))

    assert refused(answer) == (400, "no_file")


def test_scanner_that_is_away_lets_nothing_in(room, member, settings):
    settings.CLAMD_URL = "/no/such/socket"

    assert refused(post(room, member, "a.txt")) == (503, "scanner_unavailable")
    assert left_behind() == NOTHING


def test_calls_are_limited(room, member, settings):
    settings.RATES = {**settings.RATES, "RATE_FILES": "2/d"}

    answers = [post(room, member, "a.txt") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["Retry-After"]) > 0


def test_without_asgi_the_path_is_there_and_takes_nothing(ask, room):
    """Under WSGI Django answers it, which would spool the body whole: it says that it does not."""
    assert ask("member", "POST", f"/room/{room.pk}/upload")[0] == 501
    assert ask(None, "POST", f"/room/{room.pk}/upload")[0] == 401
    assert Room.objects.exists()
    assert settings.UPLOADS_DIR.exists() is False
