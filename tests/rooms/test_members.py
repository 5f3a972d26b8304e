"""`GET` and `PUT /room/:roomId/members`, `DELETE /room/:roomId/members/:userId`."""

import pytest

from accounts.models import AuditEvent
from config.lib.times import iso
from rooms.models import LobbyTicket, RoomMember
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def roles(room) -> dict[str, str]:
    return {member.user.username: member.role for member in room.members.select_related("user")}


def shown(room, username: str):
    row = room.members.select_related("user").get(user__username=username)
    return {
        "userId": row.user_id,
        "name": row.user.full_name,
        "role": row.role,
        "since": iso(row.created_at),
    }


@pytest.mark.parametrize("who", ["owner", "cohost", "member"])
def test_members_are_shown_without_their_mail(ask, room, owner, who):
    status, answer = ask(who, "GET", f"/room/{room.pk}/members")

    assert (status, answer) == (
        200,
        {
            "success": True,
            "data": {
                "owner": {"userId": owner.pk, "name": "Owner Tester"},
                "members": [shown(room, name) for name in ("member", "cohost")],
            },
        },
    )


def test_members_come_in_pages(api, room, owner):
    api.force_authenticate(owner)

    answer = api.get(f"/room/{room.pk}/members?limit=1")

    assert [row["role"] for row in answer.json()["data"]["members"]] == ["participant"]
    assert 'rel="next"' in answer.headers["Link"]


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_three_takes_as_many_queries_as_of_one(api, room, owner, count, django_assert_num_queries):
    for number in range(count):
        RoomMember.objects.create(room=room, user=make_user(f"member{number}"))
    api.force_authenticate(owner)

    with django_assert_num_queries(2):
        api.get(f"/room/{room.pk}/members")


@pytest.mark.parametrize("count", [1, 3])
def test_appointing_three_takes_as_many_queries_as_one(api, room, owner, count, django_assert_num_queries):
    people = [make_user(f"member{number}") for number in range(count)]
    body = [{"userId": person.pk, "role": "viewer"} for person in people]
    api.force_authenticate(owner)

    with django_assert_num_queries(10):
        api.put(f"/room/{room.pk}/members", body, format="json")

    assert RoomMember.objects.filter(user__in=people, role="viewer").count() == count


def test_names_of_nobody_are_counted_and_after_too_many_none_is_looked_up(ask, room, stranger, settings):
    settings.RATES = {**settings.RATES, "RATE_UNKNOWN_NAME": "1/h"}
    names = ["nobody@example.com", "stranger@example.com", "nobody@example.com", "stranger@example.com"]

    statuses = [
        ask("owner", "PUT", f"/room/{room.pk}/members", [{"email": name, "role": "viewer"}])[0] for name in names
    ]

    assert statuses == [404, 200, 429, 429]


def test_who_is_named_twice_gets_the_last_role(ask, room, stranger):
    body = [{"email": "stranger@example.com", "role": "viewer"}, {"userId": stranger.pk, "role": "presenter"}]

    ask("owner", "PUT", f"/room/{room.pk}/members", body)

    assert roles(room)["stranger"] == "presenter"


def test_owner_appoints_by_mail_and_by_id(ask, room, stranger, member, owner):
    body = [{"email": "Stranger@Example.com", "role": "cohost"}, {"userId": member.pk, "role": "presenter"}]

    status, answer = ask("owner", "PUT", f"/room/{room.pk}/members", body)

    assert status == 200
    assert [row["role"] for row in answer["data"]["members"]] == ["cohost", "presenter", "cohost"]
    assert roles(room) == {"cohost": "cohost", "stranger": "cohost", "member": "presenter"}
    assert list(AuditEvent.objects.filter(action="APPOINT").values_list("user_id", "resource").order_by("id")) == [
        (owner.pk, {"roomId": room.pk, "userId": stranger.pk, "role": "cohost"}),
        (owner.pk, {"roomId": room.pk, "userId": member.pk, "role": "presenter"}),
    ]


@pytest.mark.parametrize(
    ("who", "entry", "status", "code"),
    [
        ("cohost", {"email": "stranger@example.com", "role": "presenter"}, 200, None),
        ("cohost", {"email": "member@example.com", "role": "viewer"}, 200, None),
        ("cohost", {"email": "stranger@example.com", "role": "cohost"}, 403, "role_not_held"),
        ("cohost", {"email": "cohost@example.com", "role": "viewer"}, 403, "role_not_held"),
        ("cohost", {"email": "owner@example.com", "role": "viewer"}, 403, "role_not_held"),
        ("owner", {"email": "owner@example.com", "role": "viewer"}, 403, "role_not_held"),
        ("owner", {"email": "nobody@example.com", "role": "viewer"}, 404, "account_not_found"),
        ("owner", {"userId": "0" * 24, "role": "viewer"}, 404, "account_not_found"),
        ("owner", {"email": "administrator@example.com", "role": "viewer"}, 404, "account_not_found"),
        ("member", {"email": "stranger@example.com", "role": "viewer"}, 403, "not_allowed"),
        ("stranger", {"email": "stranger@example.com", "role": "viewer"}, 404, "not_found"),
        ("administrator", {"email": "stranger@example.com", "role": "viewer"}, 404, "not_found"),
    ],
)
def test_people_give_and_take_only_roles_below_their_own(ask, room, stranger, administrator, who, entry, status, code):
    before = roles(room)

    answered, answer = ask(who, "PUT", f"/room/{room.pk}/members", [entry])

    assert (answered, answer.get("code")) == (status, code)
    assert (roles(room) == before) == (status != 200)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        [{"role": "viewer"}],
        [{"email": "stranger@example.com", "userId": "0" * 24, "role": "viewer"}],
        [{"email": "stranger@example.com"}],
        [{"email": "stranger@example.com", "role": "host"}],
        [{"email": "no mail", "role": "viewer"}],
        [{"userId": "short", "role": "viewer"}],
        [{"email": "stranger@example.com", "role": "viewer"}] * 101,
    ],
)
def test_body_that_names_nobody_in_a_role_is_refused(ask, room, stranger, body):
    before = roles(room)

    status, answer = ask("owner", "PUT", f"/room/{room.pk}/members", body)

    assert (status, answer["code"]) == (400, "invalid")
    assert roles(room) == before


def test_appointments_are_made_all_or_none(ask, room, stranger):
    entries = [{"email": f"{name}@example.com", "role": "viewer"} for name in ("stranger", "nobody")]

    status, answer = ask("owner", "PUT", f"/room/{room.pk}/members", entries)

    assert (status, answer["message"]) == (404, "There is no such account of a user.")
    assert "stranger" not in roles(room)


@pytest.mark.parametrize(
    ("who", "whom", "status"),
    [
        ("owner", "cohost", 204),
        ("cohost", "member", 204),
        ("member", "member", 204),
        ("cohost", "cohost", 204),
        ("member", "cohost", 403),
        ("cohost", "owner", 404),
        ("owner", "owner", 404),
        ("owner", "stranger", 404),
        ("stranger", "member", 404),
    ],
)
def test_member_is_dismissed_by_those_above_and_by_themselves(request, ask, room, stranger, who, whom, status):
    user = request.getfixturevalue(whom)

    answered, _ = ask(who, "DELETE", f"/room/{room.pk}/members/{user.pk}")

    assert answered == status
    if status == 204:
        assert whom not in roles(room)
        assert AuditEvent.objects.get(action="DISMISS").resource == {"roomId": room.pk, "userId": user.pk}
    else:
        assert set(roles(room)) == {"cohost", "member"}


def test_dismissed_member_loses_the_admission_too(ask, room, member):
    LobbyTicket.objects.create(room=room, user=member, person=member.pk, name="M", secret_hash="x", is_admitted=True)

    ask("owner", "DELETE", f"/room/{room.pk}/members/{member.pk}")

    assert not LobbyTicket.objects.exists()


@pytest.mark.parametrize("user_id", ["nobody", "%00"])
def test_malformed_member_is_not_found(ask, room, user_id):
    assert ask("owner", "DELETE", f"/room/{room.pk}/members/{user_id}")[0] == 404
