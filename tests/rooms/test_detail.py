"""`GET`, `PATCH` and `DELETE /room/:roomId`."""

import pytest
from django.core.files.storage import default_storage

from accounts.models import AuditEvent
from config.lib import keys
from config.lib.ids import new_id
from config.lib.keystore import KeyMissing
from meetings.models import Meeting
from rooms.actions import places
from rooms.exceptions import RoomNotFound
from rooms.models import Room
from tests.factories import make_meeting, make_room
from tests.rooms.test_list import fields
from tests.rooms.uploading import put

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("who", "role"), [("owner", "host"), ("cohost", "cohost"), ("member", "participant")])
def test_room_is_shown_to_those_who_belong_to_it(ask, room, owner, who, role):
    assert ask(who, "GET", f"/room/{room.pk}") == (200, {"success": True, "data": fields(room, role, owner)})


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("who", "status", "code"),
    [("stranger", 404, "not_found"), ("administrator", 404, "not_found"), (None, 401, "not_authenticated")],
)
def test_room_is_nobody_elses_to_know_of(ask, room, stranger, administrator, who, status, code, method):
    answered, answer = ask(who, method, f"/room/{room.pk}", {})

    assert (answered, answer["code"]) == (status, code)
    assert Room.objects.filter(pk=room.pk).exists()


@pytest.mark.parametrize("room_id", ["nothing", "0" * 24, "%00", "A" * 24])
def test_id_of_no_room_is_not_found(ask, owner, room_id):
    assert ask("owner", "GET", f"/room/{room_id}")[0] == 404


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize("who", ["cohost", "member"])
def test_only_the_owner_changes_a_room(ask, room, who, method):
    answered, answer = ask(who, method, f"/room/{room.pk}", {"name": "Mine"})

    assert (answered, answer["code"]) == (403, "not_allowed")
    assert Room.objects.get(pk=room.pk).name == "Planning"


def test_owner_changes_what_is_sent_and_nothing_else(ask, owner):
    room = make_room(owner, max_participants=5, is_private=True)

    status, answer = ask("owner", "PATCH", f"/room/{room.pk}", {"name": "Renamed", "maxParticipants": None})

    room.refresh_from_db()
    assert (status, answer) == (200, {"success": True, "data": fields(room, "host", owner)})
    assert (room.name, room.max_participants, room.is_private) == ("Renamed", None, True)
    event = AuditEvent.objects.get(action="UPDATE-ROOM")
    assert event.resource == {"roomId": room.pk, "fields": ["max_participants", "name"]}


def test_change_that_a_room_cannot_take_is_refused(ask, room):
    status, answer = ask("owner", "PATCH", f"/room/{room.pk}", {"type": "party"})

    assert (status, list(answer["errors"])) == (400, ["type"])


def test_value_that_only_the_action_sees_is_refused(owner):
    with pytest.raises(places.InvalidRoom) as refused:
        places.create(values={"name": "Planning", "type": "party"}, by=owner)

    assert list(refused.value.facts) == ["type"]
    assert not Room.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_deleted_room_takes_files_and_key_and_leaves_meetings(ask, room, owner):
    meeting = make_meeting(owner)
    Meeting.objects.filter(pk=meeting.pk).update(room=room)
    stored = put(room, owner, "a.txt").row.stored_name

    assert ask("owner", "DELETE", f"/room/{room.pk}") == (204, None)

    assert not Room.objects.exists()
    assert not default_storage.exists(stored)
    with pytest.raises(KeyMissing):
        keys.cipher(room.pk)
    meeting.refresh_from_db()
    assert meeting.room is None
    event = AuditEvent.objects.get(action="DELETE-ROOM")
    assert (event.user_id, event.resource) == (owner.pk, {"roomId": room.pk, "files": 1})


def test_room_that_was_deleted_meanwhile_is_not_found(room, owner):
    Room.objects.filter(pk=room.pk).delete()

    with pytest.raises(RoomNotFound):
        places.delete(room=room, by=owner)
    with pytest.raises(RoomNotFound):
        places.update(room=room, values={}, by=owner)


def test_room_whose_making_fails_leaves_no_key(owner, monkeypatch, settings):
    def fail(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(AuditEvent.objects, "bulk_create", fail)

    with pytest.raises(ZeroDivisionError):
        places.create(values={"name": "Planning"}, by=owner)

    assert not Room.objects.exists()
    assert not list(settings.KEYS_DIR.rglob("*.key"))


def test_path_with_another_id_is_not_found(ask, room):
    assert ask("owner", "GET", f"/room/{new_id()}")[0] == 404
