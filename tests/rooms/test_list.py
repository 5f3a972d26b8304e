"""`GET /room/list`."""

import pytest

from config.lib.times import iso
from rooms.models import RoomMember
from tests.factories import make_room

pytestmark = pytest.mark.django_db


def fields(room, role, owner):
    return {
        "id": room.pk,
        "name": room.name,
        "type": room.type,
        "p2p": True,
        "maxParticipants": room.max_participants,
        "isPrivate": room.is_private,
        "joinUrl": f"http://127.0.0.1:8000/r/{room.pk}",
        "ownerId": owner.pk,
        "role": role,
        "createdAt": iso(room.created_at),
    }


def test_list_has_own_rooms_and_those_one_belongs_to(ask, owner, member):
    others, own = make_room(owner, name="Others'"), make_room(member, name="Own", is_private=True)
    make_room(owner, name="Unknown")
    RoomMember.objects.create(room=others, user=member, role="presenter")

    status, answer = ask("member", "GET", "/room/list")

    assert (status, answer) == (
        200,
        {"success": True, "data": [fields(own, "host", member), fields(others, "presenter", owner)]},
    )


@pytest.mark.parametrize("who", ["stranger", "administrator"])
def test_list_of_somebody_without_rooms_is_empty(ask, room, stranger, administrator, who):
    assert ask(who, "GET", "/room/list") == (200, {"success": True, "data": []})


def test_list_needs_a_sign_in(ask, room):
    assert ask(None, "GET", "/room/list")[0] == 401


def test_list_comes_in_pages_when_asked_for(api, owner):
    first, second, third = (make_room(owner, name=name) for name in ("First", "Second", "Third"))
    api.force_authenticate(owner)

    page = api.get("/room/list?limit=2")
    rest = api.get("/room/list", {"limit": 2, "cursor": second.pk})

    assert [row["id"] for row in page.json()["data"]] == [third.pk, second.pk]
    assert page.headers["Link"] == f'<http://127.0.0.1:8000/room/list?limit=2&cursor={second.pk}>; rel="next"'
    assert [row["id"] for row in rest.json()["data"]] == [first.pk]
    assert "Link" not in rest.headers


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_three_takes_as_many_queries_as_of_one(api, owner, count, django_assert_num_queries):
    for number in range(count):
        make_room(owner, name=str(number))
    api.force_authenticate(owner)

    with django_assert_num_queries(1):
        api.get("/room/list")
