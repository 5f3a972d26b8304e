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
        "countryCode": "ES",
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
        (
            {"fName": "Olga", "country": "Atlantis"},
            {"country": ["Name a country, or write its code of two or three letters."]},
        ),
        ({"username": "Olga"}, {"username": ["Enter a valid value."]}),
        ({"username": "o" * 65}, {"username": ["Ensure this field has no more than 64 characters."]}),
        ({"username": 5}, {"username": ["This field must be a text."]}),
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


@pytest.mark.parametrize(("given", "code"), [("Pakistan", "PK"), ("pk", "PK"), ("GBR", "GB"), ("Türkiye", "TR")])
def test_country_is_kept_as_it_was_written_and_answered_with_its_code(signed_in, given, code):
    answer = signed_in.patch("/auth/me", {"country": given}, format="json")

    user = answer.json()["data"]["user"]
    assert (answer.status_code, user["country"], user["countryCode"]) == (200, given, code)


def test_username_is_chosen_once(signed_in, owner):
    first = signed_in.patch("/auth/me", {"username": "olga.tester-2_0"}, format="json")
    again = signed_in.patch("/auth/me", {"username": "olga", "fName": "Olga"}, format="json")

    assert (first.status_code, first.json()["data"]["user"]["username"]) == (200, "olga.tester-2_0")
    assert (again.status_code, again.json()) == (
        409,
        {
            "success": False,
            "message": "A username is chosen once, and yours was.",
            "code": "username_is_final",
        },
    )
    owner.refresh_from_db()
    assert (owner.username, owner.first_name) == ("olga.tester-2_0", "Owner")
    event = AuditEvent.objects.get(action="UPDATE-PROFILE", outcome="ok")
    assert event.resource == {"userId": owner.pk, "fields": ["username"]}


def test_username_that_stays_is_not_chosen(signed_in, owner):
    same = signed_in.patch("/auth/me", {"username": "owner", "fName": "Olga"}, format="json")
    other = signed_in.patch("/auth/me", {"username": "olga"}, format="json")

    assert (same.status_code, other.status_code) == (200, 200)


def test_username_of_somebody_else_is_taken(signed_in, owner, stranger):
    answer = signed_in.patch("/auth/me", {"username": "stranger", "fName": "Olga"}, format="json")

    assert (answer.status_code, answer.json()) == (
        409,
        {"success": False, "message": "Somebody else has this username.", "code": "username_taken"},
    )
    owner.refresh_from_db()
    assert (owner.username, owner.first_name, owner.username_changed_at) == ("owner", "Owner", None)
