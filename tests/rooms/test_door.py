"""The door of a room, to which its link leads: who is let in, who waits, and who sees which room it is."""

import pytest

from rooms.actions import invites
from rooms.enums import RoomRole
from rooms.models import LobbyTicket, Room, RoomMember
from tests.rooms.conftest import text_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def link(private_room, owner):
    _, secret = invites.invite(room=private_room, role=RoomRole.VIEWER, expires_at=None, by=owner)
    return f"/r/{private_room.pk}?invite={secret}"


def test_member_is_led_to_people_and_files(as_, room):
    answer = as_("member").get(f"/r/{room.pk}")

    assert "Planning" in text_of(answer)
    assert f'href="/app/rooms/{room.pk}"' in answer.content.decode()
    assert "Meeting in the browser comes with a later version" in text_of(answer)


def test_newcomer_enters_a_public_room(as_, room, stranger):
    shown = as_("stranger").get(f"/r/{room.pk}")
    entered = as_("stranger").post(f"/r/{room.pk}")

    assert ("Planning" in text_of(shown), "Enter the room" in text_of(shown)) == (True, True)
    assert entered.headers["Location"] == f"/app/rooms/{room.pk}"
    assert RoomMember.objects.filter(user=stranger).exists()


def test_name_of_a_private_room_is_for_those_who_belong_to_it(as_, private_room, owner, stranger):
    inside, outside = (as_(who).get(f"/r/{private_room.pk}") for who in ("owner", "stranger"))

    assert ("Interviews" in text_of(inside), "Interviews" in text_of(outside)) == (True, False)
    assert "Ask to be let in" in text_of(outside)


def test_guest_with_a_link_sees_whose_it_is(as_, link):
    answer = as_(None).get(link)

    assert (answer.status_code, "Interviews" in text_of(answer), "Owner Tester" in text_of(answer)) == (200, True, True)
    assert "Entering in the browser without an account comes with a later version" in text_of(answer)
    assert f'href="/accounts/sign-in?next={link.partition("?")[0]}"' in answer.content.decode()
    assert "/app/rooms/" not in answer.content.decode()


def test_guest_with_a_link_of_another_room_sees_nothing(as_, room, link):
    answer = as_(None).get(f"/r/{room.pk}?{link.partition('?')[2]}")

    assert (answer.status_code, "Planning" in text_of(answer)) == (403, False)


@pytest.mark.parametrize(
    ("is_admitted", "said", "offered"),
    [
        (None, "The hosts see that you wait.", "Look again"),
        (True, "You are let in.", "Enter the room"),
        (False, "The host of the room did not let you in.", None),
    ],
)
def test_door_says_what_was_decided(as_, private_room, stranger, is_admitted, said, offered):
    door = f"/r/{private_room.pk}"
    asked = as_("stranger").post(door)
    LobbyTicket.objects.update(is_admitted=is_admitted)

    text = text_of(as_("stranger").get(door))

    assert asked.headers["Location"] == door
    assert said in text
    assert {words for words in ("Ask to be let in", "Look again", "Enter the room") if words in text} == {offered} - {
        None
    }


def test_page_of_who_waits_loads_anew_once_it_is_decided(as_, private_room, stranger):
    door = f"/r/{private_room.pk}"
    as_("stranger").post(door)

    waiting = as_("stranger").get(door, headers={"HX-Request": "true"})
    LobbyTicket.objects.update(is_admitted=True)
    admitted = as_("stranger").get(door, headers={"HX-Request": "true"})

    assert (waiting.status_code, waiting.headers.get("HX-Refresh")) == (204, None)
    assert (admitted.status_code, admitted.headers.get("HX-Refresh")) == (200, "true")


@pytest.mark.parametrize("secret", ["", "nonsense"])
@pytest.mark.parametrize("room_id", ["nothing", "%00"])
def test_guest_at_the_door_of_no_room(as_, room_id, secret):
    assert as_(None).get(f"/r/{room_id}?invite={secret}").status_code == (403 if secret else 302)


@pytest.mark.parametrize(
    ("ruling", "said"), [("locked", "The room is locked"), ("removed", "The host put you out of this meeting.")]
)
def test_who_may_not_come_in_is_told_why(as_, room, stranger, ruling, said):
    if ruling == "locked":
        Room.objects.update(is_locked=True)
    else:
        room.rulings.create(person=stranger.pk, is_removed=True)

    answer = as_("stranger").post(f"/r/{room.pk}")

    assert (answer.status_code, said in text_of(answer)) == (403, True)


def test_nobody_in_particular_signs_in_and_comes_back(as_, room):
    answer = as_(None).get(f"/r/{room.pk}")

    assert answer.headers["Location"] == f"/accounts/sign-in?next=/r/{room.pk}"


def test_full_room_is_said(as_, room, stranger, monkeypatch):
    Room.objects.update(max_participants=1)
    monkeypatch.setattr("rooms.presence._tellers", [lambda room_id: {"g_1"}])

    answer = as_("stranger").post(f"/r/{room.pk}")

    assert answer.status_code == 409
    assert "The room is full" in text_of(answer)


def test_full_lobby_is_said(as_, private_room, stranger, monkeypatch):
    monkeypatch.setattr("rooms.actions.joining.MOST_WAITING", 0)

    answer = as_("stranger").post(f"/r/{private_room.pk}")

    assert answer.status_code == 409
    assert "Too many people wait before this room" in text_of(answer)


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("administrator", 403)])
@pytest.mark.parametrize("method", ["get", "post"])
def test_room_that_is_not_there(as_, stranger, administrator, who, status, method):
    assert getattr(as_(who), method)("/r/" + "0" * 24).status_code == status
    assert getattr(as_(who), method)("/r/nothing").status_code == status
