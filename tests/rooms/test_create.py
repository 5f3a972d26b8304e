"""`POST /room/create`."""

import pytest

from accounts.models import AuditEvent
from config.lib import keys
from config.lib.crypto import FieldCipher
from rooms.models import Room

pytestmark = pytest.mark.django_db


def test_room_is_made_as_the_contract_shows(ask, owner, settings):
    settings.PUBLIC_URL = "https://meet.example.org"
    body = {"name": "  Weekly \n planning ", "type": "conference", "maxParticipants": 6, "isPrivate": True}

    status, answer = ask("owner", "POST", "/room/create", body)

    room = Room.objects.get()
    assert (status, answer) == (
        201,
        {
            "success": True,
            "data": {
                "id": room.pk,
                "name": "Weekly planning",
                "type": "conference",
                "p2p": True,
                "maxParticipants": 6,
                "isPrivate": True,
                "joinUrl": f"https://meet.example.org/r/{room.pk}",
            },
            "msg": "Room created Successfully!",
        },
    )
    assert room.owner == owner
    assert isinstance(keys.cipher(room.pk), FieldCipher)
    assert list(AuditEvent.objects.values_list("user_id", "action", "resource")) == [
        (owner.pk, "CREATE-ROOM", {"roomId": room.pk})
    ]


def test_room_is_public_and_for_any_number_unless_said(ask, owner):
    _, answer = ask("owner", "POST", "/room/create", {"name": "Planning", "type": "meeting"})

    assert (answer["data"]["maxParticipants"], answer["data"]["isPrivate"]) == (None, False)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " \n "}, "name"),
        ({"name": "\u001b[2J"}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": 5}, "name"),
        ({"type": "party"}, "type"),
        ({"maxParticipants": 0}, "maxParticipants"),
        ({"maxParticipants": 2**31}, "maxParticipants"),
        ({"maxParticipants": "6"}, "maxParticipants"),
        ({"isPrivate": "yes"}, "isPrivate"),
    ],
)
def test_field_that_a_room_cannot_have_is_refused(ask, owner, changes, field):
    status, answer = ask("owner", "POST", "/room/create", {"name": "Planning", "type": "meeting", **changes})

    assert (status, answer["code"], list(answer["errors"])) == (400, "invalid", [field])
    assert not Room.objects.exists()


@pytest.mark.parametrize("missing", ["name", "type"])
def test_required_field_that_is_missing_is_named(ask, owner, missing):
    body = {"name": "Planning", "type": "meeting"}
    del body[missing]

    status, answer = ask("owner", "POST", "/room/create", body)

    assert (status, answer["errors"]) == (400, {missing: ["This field is required."]})


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [("administrator", 403, "content_closed_to_admins"), (None, 401, "not_authenticated")],
)
def test_others_make_no_rooms(ask, administrator, who, status, code):
    answered, answer = ask(who, "POST", "/room/create", {"name": "Planning", "type": "meeting"})

    assert (answered, answer["code"]) == (status, code)
    assert not Room.objects.exists()
