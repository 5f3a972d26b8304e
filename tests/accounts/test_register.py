"""POST /auth/register."""

import pytest

from accounts.models import AuditEvent, User

BODY = {
    "email": "Haseeb@Example.com",
    "fName": "Haseeb",
    "lName": "Asif",
    "phoneNumber": "923085000453",
    "country": "Pakistan",
    "password": "AB1239001",
}

pytestmark = pytest.mark.django_db


def test_register_answers_as_existing_clients_expect(api):
    answer = api.post("/auth/register", BODY, format="json")

    user = User.objects.get()
    assert (answer.status_code, answer.json()) == (
        201,
        {
            "success": True,
            "data": {
                "user": {"fName": "Haseeb", "lName": "Asif", "email": "haseeb@example.com", "_id": user.pk},
            },
            "message": "User created successfully",
        },
    )
    assert (user.username, user.plan, user.roles) == ("haseeb", "professional", ["user"])
    assert user.check_password("AB1239001")


def test_register_leaves_an_audit_row(api):
    api.post("/auth/register", BODY, format="json")

    user = User.objects.get()
    event = AuditEvent.objects.get()
    assert (event.user_id, event.action, event.resource, event.outcome, event.address) == (
        user.pk,
        "REGISTER",
        {"userId": user.pk},
        "ok",
        "127.0.0.1",
    )


def test_register_with_a_known_email_in_another_case_conflicts(api, owner):
    answer = api.post("/auth/register", {**BODY, "email": "OWNER@example.com"}, format="json")

    assert (answer.status_code, answer.json()) == (
        409,
        {
            "success": False,
            "message": "There is already an account with this e-mail: sign in, or reset the password.",
            "code": "email_taken",
        },
    )
    assert list(User.objects.all()) == [owner]
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("name", BODY)
def test_register_needs_every_field(api, name):
    answer = api.post("/auth/register", {k: v for k, v in BODY.items() if k != name}, format="json")

    assert (answer.status_code, answer.json()) == (
        400,
        {
            "success": False,
            "message": f"The field {name} is not valid.",
            "code": "invalid",
            "errors": {name: ["This field is required."]},
        },
    )


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("email", "nobody", "Enter a valid email address."),
        ("phoneNumber", "call me", "Enter a phone number: digits, spaces and + ( ) - ."),
        ("password", "12345678", "This password is too common."),
        ("country", "", "This field may not be blank."),
        ("country", "Atlantis", "Name a country, or write its code of two or three letters."),
    ],
)
def test_register_says_what_is_wrong_by_the_name_on_the_wire(api, name, value, text):
    answer = api.post("/auth/register", {**BODY, name: value}, format="json")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [name]
    assert text in answer.json()["errors"][name]
    assert not User.objects.exists()


def test_register_names_all_that_the_action_finds_wrong_at_once(api):
    answer = api.post("/auth/register", {**BODY, "phoneNumber": "none", "password": "haseeb@example"}, format="json")

    assert set(answer.json()["errors"]) == {"phoneNumber", "password"}


def test_register_is_refused_where_registration_is_closed(api, settings):
    settings.REGISTRATION_OPEN = False

    answer = api.post("/auth/register", BODY, format="json")

    assert (answer.status_code, answer.json()) == (
        403,
        {
            "success": False,
            "message": "Registration is closed here: ask an administrator for an account.",
            "code": "registration_closed",
        },
    )


def test_register_refuses_an_invalid_bearer_sent_along(api):
    answer = api.post("/auth/register", BODY, format="json", HTTP_AUTHORIZATION="Bearer nonsense")

    assert (answer.status_code, answer.json()) == (
        401,
        {
            "success": False,
            "message": "The access token is not valid or has expired: sign in again.",
            "code": "not_authenticated",
        },
    )
    assert answer["WWW-Authenticate"] == "Bearer"
    assert not User.objects.exists()
