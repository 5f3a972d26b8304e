"""`GET /room/:roomId/lobby`, `POST /room/:roomId/lobby/:ticketId`, and waiting before a private room."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from config.lib.times import iso
from rooms.actions import invites, joining
from rooms.enums import RoomRole
from rooms.models import LobbyTicket, RoomMember
from tests.factories import make_room

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(private_room) -> str:
    return f"/room/{private_room.pk}"


@pytest.fixture
def secret(private_room, owner) -> str:
    """The secret of an invitation to the private room."""
    return invites.invite(room=private_room, role=RoomRole.PARTICIPANT, expires_at=None, by=owner)[1]


@pytest.fixture
def guest(ask, path, secret) -> str:
    """The ticket of a guest who waits."""
    status, answer = ask(None, "POST", f"{path}/token", {"invite": secret, "userName": "Carl"})
    assert (status, answer["data"]["lobby"]) == (202, True)
    return answer["data"]["ticket"]


def ticket_of(answer: tuple) -> str:
    status, body = answer
    assert (status, body["success"], body["data"]["lobby"]) == (202, True, True)
    return body["data"]["ticket"]


def decide(ask, path: str, admit: bool, ticket: LobbyTicket | None = None) -> tuple:
    ticket = ticket or LobbyTicket.objects.get()
    return ask("owner", "POST", f"{path}/lobby/{ticket.pk}", {"admit": admit})


def age_tickets() -> None:
    LobbyTicket.objects.update(created_at=timezone.now() - timedelta(hours=25))


def test_stranger_waits_until_admitted_and_is_a_member_then(ask, path, private_room, stranger):
    ticket = ticket_of(ask("stranger", "POST", f"{path}/token", {}))
    again = ask("stranger", "POST", f"{path}/token", {"ticket": ticket})
    row = LobbyTicket.objects.get()

    listed = ask("owner", "GET", f"{path}/lobby")
    decided = decide(ask, path, True)
    entered = ask("stranger", "POST", f"{path}/token", {"ticket": ticket})
    lost_answer = ask("stranger", "POST", f"{path}/token", {"ticket": ticket})

    assert ticket_of(again) == ticket
    waiting = {"ticketId": row.pk, "name": "Stranger Tester", "userId": stranger.pk, "askedAt": iso(row.created_at)}
    assert listed == (200, {"success": True, "data": [waiting]})
    assert decided == (200, {"success": True, "data": {"ticketId": row.pk, "admitted": True}})
    assert (entered[0], entered[1]["data"]["role"], lost_answer[0]) == (201, "participant", 201)
    assert RoomMember.objects.get(user=stranger).room == private_room
    assert not LobbyTicket.objects.exists()
    assert AuditEvent.objects.get(action="ADMIT").resource == {"roomId": private_room.pk, "person": stranger.pk}


def test_guest_waits_until_admitted_and_may_come_again(ask, path, guest):
    before = ask(None, "POST", f"{path}/token", {"ticket": guest})
    decide(ask, path, True)

    entered, again = (ask(None, "POST", f"{path}/token", {"ticket": guest}) for _ in range(2))

    assert ticket_of(before) == guest
    assert (entered[0], again[0]) == (201, 201)
    assert entered[1]["data"]["token"] != again[1]["data"]["token"]


@pytest.mark.parametrize("who", ["stranger", None])
def test_refused_one_is_told_so(ask, path, secret, stranger, who):
    body = {} if who else {"invite": secret, "userName": "Carl"}
    ticket = ticket_of(ask(who, "POST", f"{path}/token", body))

    decide(ask, path, False)
    status, answer = ask(who, "POST", f"{path}/token", {"ticket": ticket})

    assert (status, answer["code"]) == (403, "refused")
    assert AuditEvent.objects.filter(action="REFUSE").count() == 1
    assert not RoomMember.objects.exists()


def test_refused_user_does_not_come_around_it_by_asking_anew(ask, path, stranger):
    ask("stranger", "POST", f"{path}/token", {})
    decide(ask, path, False)

    status, answer = ask("stranger", "POST", f"{path}/token", {})

    assert (status, answer["code"]) == (403, "refused")


def test_decision_may_be_changed(ask, path, guest):
    decide(ask, path, False)
    decide(ask, path, True)

    assert ask(None, "POST", f"{path}/token", {"ticket": guest})[0] == 201


def test_user_who_asks_again_without_the_ticket_waits_once(ask, path, stranger):
    first = ticket_of(ask("stranger", "POST", f"{path}/token", {}))
    second = ticket_of(ask("stranger", "POST", f"{path}/token", {}))

    assert LobbyTicket.objects.count() == 1
    assert ask("stranger", "POST", f"{path}/token", {"ticket": first})[1]["code"] == "bad_ticket"
    assert ask("stranger", "POST", f"{path}/token", {"ticket": second})[0] == 202


def test_ticket_is_good_for_its_own_room_and_person(ask, path, guest, owner, stranger):
    decide(ask, path, True)
    other = make_room(owner, is_private=True)

    elsewhere = ask(None, "POST", f"/room/{other.pk}/token", {"ticket": guest})
    somebody = ask("stranger", "POST", f"{path}/token", {"ticket": guest})
    made_up = ask(None, "POST", f"{path}/token", {"ticket": "x" * 22})

    assert [(status, body["code"]) for status, body in (elsewhere, somebody, made_up)] == [(403, "bad_ticket")] * 3


def test_ticket_ends_after_a_day(ask, path, guest):
    decide(ask, path, True)
    row = LobbyTicket.objects.get()
    age_tickets()

    late = ask(None, "POST", f"{path}/token", {"ticket": guest})
    decided = decide(ask, path, True, row)

    assert (late[0], late[1]["code"], decided[0]) == (403, "bad_ticket", 404)


def test_old_tickets_go_when_somebody_asks(ask, path, guest, stranger):
    age_tickets()

    ask("stranger", "POST", f"{path}/token", {})

    assert [ticket.user for ticket in LobbyTicket.objects.all()] == [stranger]
    assert ask("owner", "GET", f"{path}/lobby")[1]["data"][0]["userId"] == stranger.pk


@pytest.fixture
def bounds(monkeypatch):
    """Let three wait, of whom two may be guests of one invitation."""
    monkeypatch.setattr(joining, "MOST_WAITING", 3)
    monkeypatch.setattr(joining, "MOST_WAITING_BY_INVITE", 2)


def test_guests_of_one_invitation_do_not_fill_the_lobby(ask, path, secret, private_room, owner, stranger, bounds):
    _, other = invites.invite(room=private_room, role=RoomRole.VIEWER, expires_at=None, by=owner)
    bodies = [{"invite": invite, "userName": "Carl"} for invite in (secret, secret, secret, other)]

    answers = [ask(None, "POST", f"{path}/token", body) for body in bodies]

    assert [status for status, _ in answers] == [202, 202, 409, 202]
    assert answers[2][1] == {
        "success": False,
        "message": "Too many people wait before this room: try again in a few minutes.",
        "code": "lobby_full",
    }
    assert ask("stranger", "POST", f"{path}/token", {})[1]["code"] == "lobby_full"


def test_who_waits_already_asks_again_before_a_full_lobby(ask, path, secret, stranger, bounds):
    ask("stranger", "POST", f"{path}/token", {})
    for _ in range(2):
        ask(None, "POST", f"{path}/token", {"invite": secret, "userName": "Carl"})

    assert ask("stranger", "POST", f"{path}/token", {})[0] == 202


def test_decision_makes_space_before_the_door(ask, path, secret, bounds):
    ask(None, "POST", f"{path}/token", {"invite": secret, "userName": "Carl"})
    ask(None, "POST", f"{path}/token", {"invite": secret, "userName": "Carl"})
    decide(ask, path, False, LobbyTicket.objects.first())

    assert ask(None, "POST", f"{path}/token", {"invite": secret, "userName": "Carl"})[0] == 202


def test_revoked_invitation_ends_the_waiting_of_its_guests(ask, path, private_room, owner, guest):
    decide(ask, path, True)
    invites.revoke(room=private_room, invite_id=private_room.invites.get().pk, by=owner)

    status, answer = ask(None, "POST", f"{path}/token", {"ticket": guest})

    assert (status, answer["code"]) == (403, "bad_invite")


def test_guest_who_waits_comes_in_when_the_room_is_opened(ask, path, private_room, guest):
    private_room.is_private = False
    private_room.save()

    assert ask(None, "POST", f"{path}/token", {"ticket": guest})[0] == 201


@pytest.mark.parametrize(("method", "end"), [("GET", ""), ("POST", "/" + "0" * 24)])
@pytest.mark.parametrize(("who", "status"), [("member", 403), ("stranger", 404), ("administrator", 404), (None, 401)])
def test_lobby_is_for_hosts(ask, room, stranger, administrator, who, status, method, end):
    assert ask(who, method, f"/room/{room.pk}/lobby{end}", {"admit": True})[0] == status


@pytest.mark.parametrize("ticket_id", ["none", "0" * 24, "%00"])
def test_ticket_that_is_not_there_is_not_found(ask, path, ticket_id):
    assert ask("owner", "POST", f"{path}/lobby/{ticket_id}", {"admit": True})[0] == 404


@pytest.mark.parametrize("body", [{}, {"admit": "yes"}])
def test_decision_has_to_be_one(ask, path, guest, body):
    status, answer = ask("owner", "POST", f"{path}/lobby/{LobbyTicket.objects.get().pk}", body)

    assert (status, list(answer["errors"])) == (400, ["admit"])
