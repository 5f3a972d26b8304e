"""The account pages, as a browser without JavaScript uses them."""

import re

import pytest
from django.contrib.auth.tokens import default_token_generator

from accounts import demo, mail
from accounts.models import AuditEvent, LoginSession, User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db

NEW = "a wholly new passphrase"
REGISTRATION = {
    "email": "Anna@example.com",
    "first_name": "Anna",
    "last_name": "Tester",
    "phone_number": "+34 600 000 000",
    "country": "ES",
    "password": NEW,
}


def sign_in(client, query="", name="owner", password=PASSWORD, **more):
    return client.post(f"/accounts/sign-in{query}", {"username": name, "password": password, **more})


def is_signed_in(client) -> bool:
    return client.get("/auth/me").status_code == 200


def test_sign_in_goes_home_and_is_audited(client, owner):
    answer = sign_in(client)

    assert (answer.status_code, answer["Location"]) == (302, "/app/")
    assert is_signed_in(client)
    event = AuditEvent.objects.get()
    assert (event.user_id, event.action, event.outcome) == (owner.pk, "LOGIN", "ok")


def test_sign_in_with_a_wrong_password_says_so(client, owner):
    answer = sign_in(client, password="wrong")

    assert answer.context["form"].non_field_errors() == ["No account has this e-mail or username and this password."]
    assert not is_signed_in(client)
    assert AuditEvent.objects.get().outcome == "refused"


def test_sign_in_renews_the_session_key(client, owner):
    session = client.session
    session["planted"] = "yes"
    session.save()

    sign_in(client)

    assert client.session.session_key != session.session_key


@pytest.mark.parametrize("asked", ["/app/import", "/m/5f9f9f9f9f9f9f9f9f9f9f9f?t=1"])
def test_sign_in_goes_where_the_visitor_wanted_to_be(client, owner, asked):
    assert sign_in(client, next=asked)["Location"] == asked


@pytest.mark.parametrize(
    "asked",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "http://testserver@evil.example/",
        " //evil.example",
        "\x08//evil.example",
    ],
)
def test_sign_in_never_goes_to_somebody_elses_page(client, owner, asked):
    assert sign_in(client, next=asked)["Location"] == "/app/"


def test_sign_in_keeps_a_safe_next_in_the_form_only(client):
    safe = client.get("/accounts/sign-in", {"next": "/app/import"})
    unsafe = client.get("/accounts/sign-in", {"next": "https://evil.example"})

    assert (safe.context["next"], unsafe.context["next"]) == ("/app/import", "")


def test_sign_in_fields_tell_password_managers_what_they_are(client):
    page = client.get("/accounts/sign-in").content.decode()

    assert re.findall(r'autocomplete="([^"]+)"', page) == ["username", "current-password"]


def test_signed_in_visitors_pass_the_sign_in_page(client, owner):
    client.force_login(owner)

    assert client.get("/accounts/sign-in?next=/app/import")["Location"] == "/app/import"
    assert client.get("/accounts/register")["Location"] == "/app/"


def test_sign_in_shows_the_demo_account_in_demo_mode_only(client, settings):
    plain = client.get("/accounts/sign-in")
    settings.DEMO = True
    shown = client.get("/accounts/sign-in")

    assert plain.context["demo"] is None
    assert demo.DEMO_PASSWORD not in plain.content.decode()
    assert shown.context["demo"] == {"email": demo.DEMO_EMAIL, "password": demo.DEMO_PASSWORD}


def test_sign_out_is_a_post_and_ends_the_page_session(client, owner):
    client.force_login(owner)

    assert client.get("/accounts/sign-out").status_code == 405
    answer = client.post("/accounts/sign-out")

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert not is_signed_in(client)
    assert AuditEvent.objects.get().action == "LOGOUT"


def test_sign_out_of_nobody_goes_to_the_front_page(client):
    assert client.post("/accounts/sign-out")["Location"] == "/"
    assert not AuditEvent.objects.exists()


def test_register_makes_an_account_and_signs_in(client):
    answer = client.post("/accounts/register", REGISTRATION, headers={"Accept-Language": "ru"})

    user = User.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, "/app/")
    assert (user.email, user.first_name, user.language) == ("anna@example.com", "Anna", "ru")
    assert is_signed_in(client)


def test_register_says_what_the_form_and_the_account_find_wrong_together(client):
    wrong = {**REGISTRATION, "email": "nobody", "password": "12345678", "phone_number": "none"}

    answer = client.post("/accounts/register", wrong)

    assert answer.context["form"].errors == {
        "email": ["Enter a valid email address."],
        "phone_number": ["Enter a phone number: digits, spaces and + ( ) - ."],
        "password": ["This password is too common.", "This password is entirely numeric."],
    }
    assert not User.objects.exists()


def test_register_says_what_is_wrong_beside_each_field(client, owner):
    weak = client.post("/accounts/register", {**REGISTRATION, "password": "12345678", "phone_number": "none"})
    taken = client.post("/accounts/register", {**REGISTRATION, "email": "owner@example.com"})

    assert weak.context["form"].errors == {
        "phone_number": ["Enter a phone number: digits, spaces and + ( ) - ."],
        "password": ["This password is too common.", "This password is entirely numeric."],
    }
    assert taken.context["form"].errors == {
        "email": ["There is already an account with this e-mail: sign in, or reset the password."]
    }
    assert list(User.objects.all()) == [owner]


def test_register_fields_tell_browsers_what_they_are(client):
    page = client.get("/accounts/register").content.decode()

    assert re.findall(r'autocomplete="([^"]+)"', page) == [
        "email",
        "given-name",
        "family-name",
        "tel",
        "country",
        "new-password",
    ]


def test_register_where_registration_is_closed_leads_to_the_sign_in(client, settings):
    settings.REGISTRATION_OPEN = False

    answer = client.post("/accounts/register", REGISTRATION, follow=True)

    assert answer.redirect_chain == [("/accounts/sign-in", 302)]
    assert [str(m) for m in answer.context["messages"]] == [
        "Registration is closed here: ask an administrator for an account."
    ]
    assert not User.objects.exists()


def test_password_change_keeps_this_page_and_ends_the_others(client, owner, pair):
    other = type(client)()
    other.force_login(owner)
    client.force_login(owner)

    answer = client.post("/accounts/password", {"old_password": PASSWORD, "password": NEW})

    assert (answer.status_code, answer.templates[0].name) == (200, "accounts/password_done.html")
    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert not LoginSession.objects.open().exists()


def test_password_change_says_what_is_wrong(client, owner):
    client.force_login(owner)

    wrong = client.post("/accounts/password", {"old_password": "wrong", "password": NEW})
    weak = client.post("/accounts/password", {"old_password": PASSWORD, "password": "owner@example"})

    assert wrong.context["form"].errors == {"old_password": ["The old password is wrong."]}
    assert weak.context["form"].errors == {"password": ["The password is too similar to the e-mail."]}


def test_password_change_needs_a_sign_in(client):
    assert client.get("/accounts/password")["Location"] == "/accounts/sign-in?next=/accounts/password"


def test_password_reset_by_mail_from_first_page_to_last(client, owner, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        asked = client.post("/accounts/password/reset", {"email": "owner@example.com"}, follow=True)
    link = re.search(r"http://127\.0\.0\.1:8000(/\S+)", mailoutbox[0].body).group(1)
    shown = client.get(link)
    weak = client.post(link, {"password": "12345678"})
    done = client.post(link, {"password": NEW})
    again = client.post(link, {"password": "one more passphrase"})

    assert asked.redirect_chain == [("/accounts/password/reset/sent", 302)]
    assert shown.context["validlink"] is True
    assert set(weak.context["form"].errors) == {"password"}
    assert done.templates[0].name == "accounts/password_done.html"
    assert again.context["validlink"] is False
    assert User.objects.get().check_password(NEW)
    assert sign_in(client, password=NEW)["Location"] == "/app/"


def test_password_reset_mail_is_in_the_users_language(mailoutbox):
    user = make_user("olga", language="ru")

    mail.send_password_reset(user)

    assert mailoutbox[0].to == ["olga@example.com"]


@pytest.mark.parametrize(
    "path", ["sign-in", "register", "password", "password/reset", "password/reset/sent", "password/reset/x/y"]
)
def test_pages_show(client, owner, path):
    if path == "password":
        client.force_login(owner)

    answer = client.get(f"/accounts/{path}")

    assert answer.status_code == 200
    assert "<h1>" in answer.content.decode()


def test_password_reset_with_an_old_link_shows_that_it_is_old(client, owner):
    uid, token = mail.reset_uid(owner), default_token_generator.make_token(owner)
    owner.set_password(NEW)
    owner.save()

    assert client.get(f"/accounts/password/reset/{uid}/{token}").context["validlink"] is False


def test_demo_account_signs_in_in_demo_mode_only(client, settings):
    settings.DEMO = True
    demo.ensure_demo_user()
    inside = sign_in(client, name=demo.DEMO_EMAIL, password=demo.DEMO_PASSWORD)
    assert inside["Location"] == "/app/"

    settings.DEMO = False

    assert not is_signed_in(client)
    assert sign_in(client, name=demo.DEMO_EMAIL, password=demo.DEMO_PASSWORD).status_code == 200
    assert not is_signed_in(client)
