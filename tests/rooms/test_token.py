"""`POST /room/:roomId/token` for members, newcomers and guests; waiting before private rooms is in test_lobby."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, LoginSession
from config.lib.ids import is_id
from config.lib.times import iso
from meetings.models import Attendance, Session
from rooms import presence, tokens
from rooms.actions import invites
from rooms.enums import RoomRole
from rooms.models import GuestInvite, LobbyTicket, Room, RoomMember
from tests.asgi import bearer
from tests.factories import make_room

pytestmark = pytest.mark.django_db


@pytest.fixture
def invite(room, owner):
    """Invite guests to the room; give the secret."""

    def invite(role: str = "participant") -> str:
        return invites.invite(room=room, role=RoomRole(role), expires_at=None, by=owner)[1]

    return invite


def claims_of(answer: tuple) -> tokens.RoomClaims:
    status, body = answer
    assert status == 201, body
    return tokens.read_room(body["data"]["token"])


def attend(room: Room, *people: str) -> Session:
    """Let people be in the room at this moment."""
    now = timezone.now()
    session = Session.objects.create(room=room, host=room.owner, type=room.type, started_at=now)
    for person in people:
        Attendance.objects.create(session=session, person=person, joined_at=now)
    return session


def test_owner_gets_all_that_a_client_needs_to_join(ask, room, owner, settings):
    settings.PUBLIC_URL = "https://meet.example.org"
    settings.ROOM_TOKEN_MINUTES = 90

    status, answer = ask("owner", "POST", f"/room/{room.pk}/token", {})

    token = answer["data"]["token"]
    expires = datetime.fromtimestamp(tokens.RoomToken.read(token)["exp"], UTC)
    assert (status, answer) == (
        201,
        {
            "success": True,
            "data": {
                "token": token,
                "expiresAt": iso(expires),
                "role": "host",
                "wsUrl": f"wss://meet.example.org/ws/room/{room.pk}",
                "socketIoPath": "/erizocontroller/socket.io",
                "iceServers": [],
                "features": owner.features,
            },
        },
    )
    assert timedelta(minutes=89) < expires - timezone.now() <= timedelta(minutes=90)
    event = AuditEvent.objects.get(action="ROOM-TOKEN")
    assert (event.user_id, event.resource) == (owner.pk, {"roomId": room.pk, "person": owner.pk, "role": "host"})


def test_features_are_those_of_the_owners_plan(ask, room, owner):
    owner.plan = "essential"
    owner.save()

    assert ask("member", "POST", f"/room/{room.pk}/token", {})[1]["data"]["features"] == []


@pytest.mark.parametrize(
    ("who", "asked", "given"),
    [
        ("owner", None, "host"),
        ("owner", "viewer", "viewer"),
        ("cohost", "host", "cohost"),
        ("cohost", "presenter", "presenter"),
        ("member", "cohost", "participant"),
        ("member", "viewer", "viewer"),
        ("stranger", "host", "participant"),
    ],
)
def test_role_is_lowered_and_never_raised(ask, room, stranger, who, asked, given):
    answer = ask(who, "POST", f"/room/{room.pk}/token", {"role": asked} if asked else {})

    assert (answer[1]["data"]["role"], claims_of(answer).role) == (given, given)


@pytest.mark.parametrize(
    ("kind", "role"),
    [("meeting", "participant"), ("conference", "participant"), ("webinar", "viewer"), ("live", "viewer")],
)
def test_newcomer_of_a_public_room_becomes_a_member(ask, owner, stranger, kind, role):
    room = make_room(owner, type=kind)

    answer = ask("stranger", "POST", f"/room/{room.pk}/token", {"role": "presenter"})

    assert claims_of(answer).role == role
    assert RoomMember.objects.get(room=room, user=stranger).role == role


def test_newcomer_who_asks_for_less_is_a_member_all_the_same(ask, room, stranger):
    ask("stranger", "POST", f"/room/{room.pk}/token", {"role": "viewer"})

    assert RoomMember.objects.get(room=room, user=stranger).role == "participant"


def test_token_says_who_sits_where(api, room, member):
    headers = {**bearer(member), "Origin": "https://other.example.org"}

    answer = api.post(f"/room/{room.pk}/token", {"userName": "Somebody else"}, format="json", headers=headers)

    claims = claims_of((answer.status_code, answer.json()))
    assert claims == tokens.RoomClaims(
        person=member.pk,
        name="Member Tester",
        room_id=room.pk,
        role=RoomRole.PARTICIPANT,
        seat=claims.seat,
        session_id=LoginSession.objects.get().pk,
        origin="https://other.example.org",
    )
    assert is_id(claims.seat)
    assert not claims.is_guest


def test_each_token_is_another_seat(ask, room):
    first, second = (claims_of(ask("member", "POST", f"/room/{room.pk}/token", {})) for _ in range(2))

    assert (first.seat == second.seat, first.session_id, first.origin) == (False, None, None)


@pytest.mark.parametrize(
    ("kind", "invited", "asked", "given"),
    [
        ("meeting", "participant", None, "participant"),
        ("meeting", "participant", "host", "participant"),
        ("meeting", "participant", "viewer", "viewer"),
        ("meeting", "viewer", "participant", "viewer"),
        ("webinar", "participant", "participant", "viewer"),
    ],
)
def test_guest_comes_in_without_an_account(ask, room, invite, kind, invited, asked, given):
    Room.objects.update(type=kind)
    body = {"invite": invite(invited), "userName": " Ca\u202erl\n the  guest ", **({"role": asked} if asked else {})}

    answer = ask(None, "POST", f"/room/{room.pk}/token", body)

    claims = claims_of(answer)
    assert claims.person.startswith("g_")
    assert is_id(claims.person.removeprefix("g_"))
    assert (claims.name, claims.role, claims.room_id, claims.is_guest) == ("Ca rl the guest", given, room.pk, True)
    assert not RoomMember.objects.filter(role=given, user__email="").exists()
    event = AuditEvent.objects.get(action="ROOM-TOKEN")
    assert (event.user_id, event.resource) == (
        None,
        {"roomId": room.pk, "person": claims.person, "role": given},
    )


def test_two_guests_of_one_invitation_are_two_people(ask, room, invite):
    body = {"invite": invite(), "userName": "Carl"}

    first, second = (claims_of(ask(None, "POST", f"/room/{room.pk}/token", body)) for _ in range(2))

    assert first.person != second.person


@pytest.mark.parametrize("body", [{}, {"userName": "\u202e"}], ids=["none", "nothing that shows"])
def test_guest_needs_a_name(ask, room, invite, body):
    status, answer = ask(None, "POST", f"/room/{room.pk}/token", {"invite": invite(), **body})

    assert (status, answer["errors"]) == (400, {"userName": ["Say what you want to be called."]})


def test_invitation_that_is_over_revoked_or_elsewhere_opens_nothing(ask, room, owner, invite):
    over, revoked, elsewhere = invite(), invite(), invite()
    first, second, third = GuestInvite.objects.order_by("pk")
    GuestInvite.objects.filter(pk=first.pk).update(expires_at=timezone.now())
    invites.revoke(room=room, invite_id=second.pk, by=owner)
    GuestInvite.objects.filter(pk=third.pk).update(room=make_room(owner))

    answers = [
        ask(None, "POST", f"/room/{room.pk}/token", {"invite": secret, "userName": "Carl"})
        for secret in (over, revoked, elsewhere, "x" * 22)
    ]

    assert [(status, answer["code"]) for status, answer in answers] == [(403, "bad_invite")] * 4


def test_nobody_in_particular_is_asked_to_sign_in(ask, room):
    status, answer = ask(None, "POST", f"/room/{room.pk}/token", {"userName": "Carl"})

    assert (status, answer["code"]) == (401, "not_authenticated")


def test_bearer_that_is_no_good_is_no_guest(api, room, invite):
    body = {"invite": invite(), "userName": "Carl"}

    answer = api.post(f"/room/{room.pk}/token", body, format="json", headers={"Authorization": "Bearer x"})

    assert answer.status_code == 401


def test_administrator_hears_nothing(ask, room, administrator):
    status, answer = ask("administrator", "POST", f"/room/{room.pk}/token", {})

    assert (status, answer["code"]) == (403, "content_closed_to_admins")
    assert not RoomMember.objects.filter(user=administrator).exists()


@pytest.mark.parametrize("room_id", ["nothing", "0" * 24, "%00"])
def test_room_that_is_not_there(ask, stranger, room_id):
    assert ask("stranger", "POST", f"/room/{room_id}/token", {})[0] == 404


@pytest.mark.parametrize(
    "body",
    [{}, {"userName": "Carl"}, {"invite": "x" * 22, "userName": "Carl"}, {"ticket": "x" * 22}],
    ids=["nothing", "name", "invite", "ticket"],
)
@pytest.mark.parametrize("room_id", ["nothing", "0" * 24, "%00"])
def test_guest_does_not_learn_which_rooms_there_are(ask, room, body, room_id):
    there, nowhere = (ask(None, "POST", f"/room/{pk}/token", body) for pk in (room.pk, room_id))

    assert nowhere == there
    assert there[0] in (401, 403)


@pytest.mark.parametrize("body", [{"role": "king"}, {"invite": 5}, {"ticket": "x" * 65}, {"userName": "x" * 101}])
def test_field_of_another_form_is_refused(ask, room, body):
    status, answer = ask("member", "POST", f"/room/{room.pk}/token", body)

    assert (status, list(answer["errors"])) == (400, list(body))


class TestFullRoom:
    @pytest.fixture(autouse=True)
    def _two_at_most(self, room):
        Room.objects.filter(pk=room.pk).update(max_participants=2)

    def test_whoever_comes_too_late_is_told_so(self, ask, room, stranger):
        attend(room, "g_1", "g_2")

        status, answer = ask("stranger", "POST", f"/room/{room.pk}/token", {})

        assert (status, answer["code"]) == (409, "room_full")
        assert not RoomMember.objects.filter(user=stranger).exists()

    def test_guests_are_counted_too(self, ask, room, invite):
        attend(room, "g_1", "g_2")

        status, _ = ask(None, "POST", f"/room/{room.pk}/token", {"invite": invite(), "userName": "Carl"})

        assert status == 409

    @pytest.mark.parametrize("who", ["member", "owner"])
    def test_who_is_there_and_who_owns_it_come_in(self, ask, room, member, who):
        attend(room, member.pk, "g_1")

        assert ask(who, "POST", f"/room/{room.pk}/token", {})[0] == 201

    def test_who_has_left_makes_room(self, ask, room):
        session = attend(room, "g_1", "g_2")
        Attendance.objects.filter(person="g_2").update(left_at=timezone.now())

        assert ask("member", "POST", f"/room/{room.pk}/token", {})[0] == 201
        assert presence.people_in(room.pk) == {"g_1"}
        Session.objects.filter(pk=session.pk).update(ended_at=timezone.now())
        assert presence.people_in(room.pk) == set()


def test_people_are_counted_once_however_often_the_app_is_wired(room):
    attend(room, "g_1")
    [teller] = presence._tellers

    presence.ask(teller)

    assert presence._tellers == [teller]


def test_calls_are_limited_per_address(ask, room, invite, settings):
    settings.RATES = {**settings.RATES, "RATE_DEFAULT": "3/d"}
    body = {"invite": invite(), "userName": "Carl"}

    statuses = [ask(None, "POST", f"/room/{room.pk}/token", body)[0] for _ in range(4)]

    assert statuses == [201, 201, 201, 429]
    assert not LobbyTicket.objects.exists()
