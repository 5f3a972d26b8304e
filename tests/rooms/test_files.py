"""`GET` and `DELETE /room/:roomId/files`, and of one file."""

from urllib.parse import quote

import pytest
from django.core.files.storage import default_storage

from accounts.models import AuditEvent
from config.lib import keys
from config.lib.crypto import StoredTextUndecryptable
from config.lib.times import iso
from rooms import reading
from rooms.actions import files
from rooms.exceptions import RoomFileNotFound
from rooms.models import RoomFile
from tests.factories import make_room
from tests.rooms.uploading import TEXT, put

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mine(room, member):
    return put(room, member, "mine.txt")


@pytest.fixture
def hosts(room, owner):
    return put(room, owner, "Отчёт.csv")


def shown(file, content_type: str) -> dict:
    return {
        "filename": f"{file.row.room_id}_{file.name}",
        "originalName": file.original_name,
        "size": len(TEXT),
        "uploadDate": iso(file.row.created_at),
        "path": f"documents/{file.row.room_id}/{file.row.room_id}_{file.name}",
        "contentType": content_type,
        "sha256": file.row.sha256,
        "uploadedBy": file.row.uploaded_by_id,
    }


def path_of(file) -> str:
    return f"/room/{file.row.room_id}/files/{quote(file.filename)}"


@pytest.mark.parametrize("who", ["owner", "cohost", "member"])
def test_files_are_listed_newest_first(ask, room, mine, hosts, who):
    status, answer = ask(who, "GET", f"/room/{room.pk}/files")

    assert (status, answer) == (
        200,
        {
            "success": True,
            "data": [shown(hosts, "text/csv"), shown(mine, "text/plain")],
            "msg": "Files retrieved successfully!",
        },
    )


def test_one_file_is_shown(ask, mine):
    assert ask("owner", "GET", path_of(mine)) == (
        200,
        {"success": True, "data": shown(mine, "text/plain"), "msg": "File retrieved successfully!"},
    )


def test_files_come_in_pages(api, room, mine, hosts, member):
    api.force_authenticate(member)

    page = api.get(f"/room/{room.pk}/files?limit=1")
    rest = api.get(f"/room/{room.pk}/files?limit=1&cursor={hosts.row.pk}")

    assert [row["originalName"] for row in page.json()["data"]] == ["Отчёт.csv"]
    assert 'rel="next"' in page.headers["Link"]
    assert [row["originalName"] for row in rest.json()["data"]] == ["mine.txt"]


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_three_takes_as_many_queries_as_of_one(api, room, member, count, django_assert_num_queries):
    for _ in range(count):
        put(room, member, "a.txt")
    api.force_authenticate(member)
    api.get(f"/room/{room.pk}/files")

    with django_assert_num_queries(6):
        api.get(f"/room/{room.pk}/files")


def test_empty_room_has_no_files(ask, room):
    assert ask("member", "GET", f"/room/{room.pk}/files")[1]["data"] == []


def test_reading_is_in_the_audit_log(ask, room, mine, member):
    ask("member", "GET", f"/room/{room.pk}/files")
    ask("member", "GET", path_of(mine))

    rows = AuditEvent.objects.filter(action="GET").order_by("id").values_list("user_id", "resource")
    assert list(rows) == [
        (member.pk, {"roomId": room.pk, "content": "files"}),
        (member.pk, {"roomId": room.pk, "fileId": mine.row.pk}),
    ]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("is_one", [False, True])
@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        ("stranger", 404, "not_found"),
        ("administrator", 403, "content_closed_to_admins"),
        (None, 401, "not_authenticated"),
    ],
)
def test_files_are_nobody_elses(ask, room, mine, stranger, administrator, who, status, code, method, is_one):
    answered, answer = ask(who, method, path_of(mine) if is_one else f"/room/{room.pk}/files")

    assert (answered, answer["code"]) == (status, code)
    assert RoomFile.objects.exists()


@pytest.mark.parametrize(
    ("who", "whose", "status"),
    [
        ("owner", "mine", 200),
        ("cohost", "mine", 200),
        ("member", "mine", 200),
        ("cohost", "hosts", 200),
        ("member", "hosts", 403),
    ],
)
def test_file_is_deleted_by_hosts_and_who_sent_it(request, ask, mine, hosts, room, who, whose, status):
    file = request.getfixturevalue(whose)

    answered, answer = ask(who, "DELETE", path_of(file))

    assert answered == status
    if status == 200:
        assert answer == {"success": True, "data": {"deleted": 1}, "msg": "File deleted successfully!"}
        assert AuditEvent.objects.get(action="DELETE").resource == {"roomId": room.pk, "fileId": file.row.pk}
    else:
        assert answer["code"] == "not_allowed"
    assert default_storage.exists(file.row.stored_name) == (status != 200)
    assert ask("owner", "GET", path_of(file))[0] == (404 if status == 200 else 200)


@pytest.mark.parametrize("who", ["owner", "cohost"])
def test_hosts_delete_all_files(ask, room, owner, mine, hosts, who):
    elsewhere = put(make_room(owner), owner, "a.txt")

    first, again = (ask(who, "DELETE", f"/room/{room.pk}/files") for _ in range(2))

    text = "Files deleted successfully!"
    assert first == (200, {"success": True, "data": {"deleted": 2}, "msg": text})
    assert again == (200, {"success": True, "data": {"deleted": 0}, "msg": text})
    assert list(RoomFile.objects.all()) == [elsewhere.row]
    assert [default_storage.exists(file.row.stored_name) for file in (mine, hosts, elsewhere)] == [False, False, True]


def test_participant_does_not_delete_all_files(ask, room, mine):
    status, answer = ask("member", "DELETE", f"/room/{room.pk}/files")

    assert (status, answer["code"]) == (403, "not_allowed")
    assert RoomFile.objects.exists()


@pytest.mark.parametrize("end", ["", "/a.txt"])
def test_malformed_room_is_a_bad_request_to_a_deletion(ask, member, end):
    status, answer = ask("member", "DELETE", f"/room/nothing/files{end}")

    assert (status, answer["code"]) == (400, "invalid")
    assert ask("member", "GET", f"/room/nothing/files{end}")[0] == 404


@pytest.mark.parametrize("name", ["nothing", "a.txt", "%00", "x" * 1000])
def test_file_that_is_not_there(ask, room, name):
    for method in ("GET", "DELETE"):
        assert ask("owner", method, f"/room/{room.pk}/files/{room.pk}_{name}")[0] == 404


def test_file_that_somebody_else_deleted_first(room, owner, mine):
    files.delete(room=room, file=mine.row, by=owner)

    with pytest.raises(RoomFileNotFound):
        files.delete(room=room, file=mine.row, by=owner)

    assert AuditEvent.objects.filter(action="DELETE").count() == 1


def test_deletion_that_is_rolled_back_keeps_the_file(room, owner, mine, monkeypatch):
    def fail(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("rooms.actions.files.audit.record", fail)

    with pytest.raises(ZeroDivisionError):
        files.delete_all(room=room, by=owner)

    assert default_storage.exists(mine.row.stored_name)
    assert RoomFile.objects.exists()


def test_room_whose_key_is_gone_has_unreadable_files(ask, room, mine):
    keys.destroy(room.pk)

    assert ask("owner", "GET", f"/room/{room.pk}/files")[0] == 410
    assert ask("owner", "GET", path_of(mine))[0] == 404
    assert ask("owner", "DELETE", f"/room/{room.pk}/files")[1]["data"] == {"deleted": 1}


def test_row_that_was_moved_or_swapped_does_not_open(room, owner, mine, hosts):
    RoomFile.objects.filter(pk=mine.row.pk).update(name=hosts.row.name)

    with pytest.raises(StoredTextUndecryptable):
        reading.named(room, RoomFile.objects.filter(room=room))


def test_member_who_left_sees_nothing_any_more(ask, room, member, mine):
    ask("member", "DELETE", f"/room/{room.pk}/members/{member.pk}")

    assert ask("member", "GET", path_of(mine))[0] == 404
