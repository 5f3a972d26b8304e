"""`GET /documents/:roomId/:filename`: the bytes, in ranges, always as an attachment."""

from urllib.parse import quote

import pytest
from django.core.files.storage import default_storage

from accounts.models import AuditEvent
from config.lib import sending
from config.lib.ids import new_id
from rooms.models import RoomFile
from tests.asgi import bearer, call, page_session
from tests.factories import make_room
from tests.rooms.uploading import put

pytestmark = pytest.mark.django_db(transaction=True)

# More than two blocks, and no two places alike.
CONTENT = b"".join(b"%07d\n" % number for number in range(80_000))


@pytest.fixture
def file(room, owner):
    return put(room, owner, "Отчёт & plan.txt", CONTENT)


@pytest.fixture
def path(room, file) -> str:
    return f"/documents/{room.pk}/{quote(file.filename)}"


@pytest.fixture
def get(path, member):
    """Ask for the file as a member."""
    who = bearer(member)

    def get(method: str = "GET", **headers: str):
        return call(method, path, headers={**who, **{name.replace("_", "-"): text for name, text in headers.items()}})

    return get


def test_whole_file_is_an_attachment_that_no_browser_runs(get, file):
    answer = get()

    assert (answer.status_code, answer.content) == (200, CONTENT)
    headers = {name: answer.headers[name] for name in ("content-type", "content-length", "accept-ranges", "etag")}
    assert headers == {
        "content-type": "text/plain",
        "content-length": str(len(CONTENT)),
        "accept-ranges": "bytes",
        "etag": f'"{file.row.pk}"',
    }
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == f"attachment; filename*=utf-8''{quote('Отчёт & plan.txt')}"
    assert answer.headers["cache-control"] == "private, max-age=0, must-revalidate"


@pytest.mark.parametrize("who", ["owner", "cohost", "member"])
def test_everybody_who_belongs_to_the_room_gets_it(request, path, who):
    assert call("GET", path, headers=bearer(request.getfixturevalue(who))).content == CONTENT


def test_page_session_gets_it_without_a_csrf_token(path, member):
    assert call("GET", path, headers=page_session(member, with_csrf=False)).content == CONTENT


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=300000-", 300_000, len(CONTENT)), ("bytes=-5", len(CONTENT) - 5, len(CONTENT))],
)
def test_range_of_it(get, asked, start, end):
    answer = get(Range=asked)

    assert (answer.status_code, answer.content) == (206, CONTENT[start:end])
    assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(CONTENT)}"


def test_range_behind_the_end(get):
    answer = get(Range=f"bytes={len(CONTENT)}-")

    assert (answer.status_code, answer.json()["code"]) == (416, "range_not_satisfiable")
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"


def test_copy_that_is_still_good_is_not_sent_again(get, file):
    answer = get(If_None_Match=f'"{file.row.pk}"')

    assert (answer.status_code, answer.content) == (304, b"")


def test_head_tells_the_length_and_sends_nothing(get):
    answer = get("HEAD")

    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", str(len(CONTENT)))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        ("stranger", 404, "not_found"),
        ("administrator", 403, "content_closed_to_admins"),
        (None, 401, "not_authenticated"),
    ],
)
def test_nobody_else_gets_a_byte(request, path, method, who, status, code):
    headers = bearer(request.getfixturevalue(who)) if who else {}

    answer = call(method, path, headers={**headers, "Range": "bytes=0-9"})

    assert answer.status_code == status
    assert "etag" not in answer.headers
    if method == "GET":
        assert answer.json()["code"] == code


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_file_that_was_deleted_between_finding_and_sending(get, file, method):
    default_storage.delete(file.row.stored_name)

    assert get(method).status_code == 404


def test_file_that_is_deleted_while_it_is_sent_is_sent_whole(get, file, monkeypatch):
    def asked(*args):
        default_storage.delete(file.row.stored_name)
        return real(*args)

    real = sending._asked
    monkeypatch.setattr(sending, "_asked", asked)

    assert get().content == CONTENT


def test_file_is_found_under_its_own_name_and_room_alone(room, owner, member, file):
    other = make_room(owner)
    put(other, owner, "b.txt")
    wrong = [
        f"{room.pk}/{quote(file.name)}",
        f"{room.pk}/{room.pk}_b.txt",
        f"{room.pk}/{other.pk}_b.txt",
        f"{other.pk}/{quote(file.filename)}",
        f"{new_id()}/{quote(file.filename)}",
        f"nothing/{quote(file.filename)}",
        f"{room.pk}/%00",
        f"{room.pk}/{room.pk}_..%2F{quote(file.name)}",
        f"{room.pk}/{file.row.pk}",
    ]

    statuses = {call("GET", f"/documents/{path}", headers=bearer(owner)).status_code for path in wrong}

    assert statuses == {404}


def test_decomposed_name_finds_the_file_too(room, owner, member):
    put(room, owner, "cafe\u0301.txt", b"words")

    for name in ("café.txt", "cafe\u0301.txt"):
        answer = call("GET", f"/documents/{room.pk}/{room.pk}_{quote(name)}", headers=bearer(member))
        assert answer.content == b"words"


def test_one_download_leaves_one_audit_row(get, room, file, member):
    for asked in ("bytes=0-9", "bytes=10-", "bytes=5-7"):
        get(Range=asked)

    rows = AuditEvent.objects.filter(action="GET").values_list("user_id", "resource", "outcome")
    assert list(rows) == [(member.pk, {"roomId": room.pk, "fileId": file.row.pk}, "ok")]


def test_refusal_is_in_the_audit_log_without_the_name(path, room, stranger):
    call("GET", path, headers=bearer(stranger))

    event = AuditEvent.objects.get(action="GET")
    assert (event.user_id, event.outcome) == (stranger.pk, "refused")
    assert event.resource == {"route": "room-document", "roomId": room.pk, "userId": room.owner_id}


def test_downloads_are_limited(get, settings):
    settings.RATES = {**settings.RATES, "RATE_FILES": "2/d"}

    assert [get().status_code for _ in range(3)] == [200, 200, 429]


def test_downgrade_hides_nothing(get, owner):
    owner.plan = "essential"
    owner.save()

    assert get().content == CONTENT


def test_without_asgi_the_path_is_there_and_gives_nothing(ask, room, file):
    assert ask("member", "GET", f"/documents/{room.pk}/{file.filename}")[0] == 501
    assert RoomFile.objects.exists()
