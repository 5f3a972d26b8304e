"""GET and PATCH /auth/me."""

import pytest

from accounts.models import AuditEvent

pytestmark = pytest.mark.django_db


def profile(user, **changes):
    return {
        "_id": user.pk,
        "email": "owner@example.com",
        "username": "owner",
        "fName": "Owner",
        "lName": "Tester",
        "phoneNumber": "",
        "country": "ES",
        "language": "en",
        "roles": ["user"],
        "plan": "essential",
        "features": [],
        **changes,
    }


@pytest.fixture(autouse=True)
def _essential(owner):
    owner.plan = "essential"
    owner.save()


def test_me_answers_the_profile_in_one_query(signed_in, owner, django_assert_num_queries):
    with django_assert_num_queries(1):
        answer = signed_in.get("/auth/me")

    assert (answer.status_code, answer.json()) == (
        200,
        {"success": True, "data": {"user": profile(owner)}, "message": "User retrieved successfully"},
    )


def test_me_changes_what_is_sent_and_nothing_else(signed_in, owner):
    answer = signed_in.patch("/auth/me", {"fName": "Olga", "language": "ru", "email": "x@example.com"}, format="json")

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "success": True,
            "data": {"user": profile(owner, fName="Olga", language="ru")},
            "message": "User updated successfully",
        },
    )
    event = AuditEvent.objects.get(action="UPDATE-PROFILE")
    assert event.resource == {"userId": owner.pk, "fields": ["first_name", "language"]}


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"language": "xx"}, {"language": ['"xx" is not a valid choice.']}),
        ({"fName": ""}, {"fName": ["This field may not be blank."]}),
        (
            {"fName": "Olga", "phoneNumber": "call me"},
            {"phoneNumber": ["Enter a phone number: digits, spaces and + ( ) - ."]},
        ),
    ],
)
def test_me_refuses_what_the_account_cannot_hold(signed_in, owner, body, errors):
    answer = signed_in.patch("/auth/me", body, format="json")

    assert (answer.status_code, answer.json()["errors"]) == (400, errors)
    owner.refresh_from_db()
    assert owner.first_name == "Owner"


def test_me_needs_a_sign_in(api):
    answer = api.get("/auth/me")

    assert (answer.status_code, answer.json()) == (
        401,
        {
            "success": False,
            "message": "Authentication credentials were not provided.",
            "code": "not_authenticated",
        },
    )


def test_disabled_account_loses_access_at_once(signed_in, owner):
    owner.is_active = False
    owner.save()

    assert signed_in.get("/auth/me").status_code == 401
