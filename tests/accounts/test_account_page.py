"""The page where people look after their own account."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts import actions, audit
from accounts.demo import ensure_demo_user
from accounts.enums import EndReason, SessionKind
from accounts.models import AuditEvent, LoginSession, User
from tests.accounts.conftest import ELSEWHERE, HERE, has_access

pytestmark = pytest.mark.django_db

PAGE = "/app/account"


@pytest.fixture
def browser(client, owner) -> Client:
    client.force_login(owner)
    return client


def words(answer) -> str:
    """Give what a page says, without its markup."""
    text = re.sub(r"<[^>]*>", " ", answer.content.decode().partition("<main")[2])
    return " ".join(text.split())


def form_of(user, **changes):
    fields = {
        "first_name": user.first_name,
        "last_name": user.last_name,
        "phone_number": user.phone_number,
        "country": user.country_code,
        "language": user.language,
        "username": user.username,
    }
    return {**fields, **changes}


def messages_of(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/sign-ins/end", f"{PAGE}/sign-ins/{'0' * 24}/end"])
def test_page_needs_a_sign_in(client, path):
    for ask in (client.get, client.post):
        answer = ask(path)

        assert answer.status_code in (302, 405)
        assert answer.get("Location", "/accounts/sign-in").startswith("/accounts/sign-in")


def test_page_shows_who_i_am_and_what_my_plan_has(browser, owner):
    User.objects.update(plan="essential")

    said = words(browser.get(PAGE))

    assert "owner@example.com" in said
    assert "Plan: Essential" in said
    assert "Whiteboard not included" in said
    assert "Whiteboard included" not in said


def test_plan_of_all_features_says_so(browser):
    said = words(browser.get(PAGE))

    assert "Plan: Professional" in said
    assert "not included" not in said


@pytest.mark.parametrize(
    ("who", "links"), [("owner", {"/app/webhooks", "/api/docs"}), ("administrator", {"/api/docs", "/admin/"})]
)
def test_page_leads_to_what_is_for_programs_and_administrators(request, client, who, links):
    client.force_login(request.getfixturevalue(who))

    page = client.get(PAGE).content.decode()

    assert {link for link in ("/app/webhooks", "/api/docs", "/admin/") if f'href="{link}"' in page} == links


def test_page_of_many_events_takes_the_same_queries(browser, owner, administrator, django_assert_max_num_queries):
    for number in range(60):
        audit.record("GET", by=administrator, resource={"userId": owner.pk, "n": number}, outcome="refused")
        LoginSession.objects.create(user=owner, client="")

    with django_assert_max_num_queries(6):
        answer = browser.get(PAGE)

    assert len(answer.context["events"]) == 50


def test_profile_is_saved_where_it_was_changed(browser, owner):
    owner.country = "Pakistan"
    owner.save()

    answer = browser.post(PAGE, form_of(owner, first_name="Olga", phone_number="+34 600 000 000"), follow=True)

    assert answer.redirect_chain == [(PAGE, 302)]
    assert messages_of(answer) == ["Your profile was saved."]
    owner.refresh_from_db()
    assert (owner.first_name, owner.phone_number, owner.country) == ("Olga", "+34 600 000 000", "Pakistan")
    event = AuditEvent.objects.get(action="UPDATE-PROFILE")
    assert event.resource == {"userId": owner.pk, "fields": ["first_name", "phone_number"]}


def test_language_is_spoken_at_once(browser, owner):
    answer = browser.post(PAGE, form_of(owner, language="ru", country="DE"), follow=True)

    page = answer.content.decode()
    assert '<html lang="ru">' in page
    assert messages_of(answer) == ["Профиль сохранён."]
    assert '<option value="DE" selected>Германия</option>' in page


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({"first_name": ""}, "first_name", "This field is required."),
        ({"phone_number": "call me"}, "phone_number", "Enter a phone number: digits, spaces and + ( ) - ."),
        (
            {"country": "ZZ"},
            "country",
            "Select a valid choice. ZZ is not one of the available choices.",
        ),
        (
            {"username": "Olga T"},
            "username",
            "Use lower-case letters, digits, dot, underscore and hyphen only.",
        ),
        ({"username": "stranger"}, "username", "Somebody else has this username."),
    ],
)
def test_profile_that_cannot_be_is_told_in_the_form(browser, owner, stranger, changes, field, error):
    answer = browser.post(PAGE, form_of(owner, **changes))

    assert answer.status_code == 200
    assert answer.context["form"].errors == {field: [error]}
    owner.refresh_from_db()
    assert (owner.username, owner.first_name, owner.phone_number) == ("owner", "Owner", "")


def test_username_is_chosen_once(browser, owner):
    browser.post(PAGE, form_of(owner, username="olga"))

    page = browser.get(PAGE)

    assert "username" not in page.context["form"].fields
    assert "Username olga" in words(page)


def test_username_that_was_chosen_in_another_tab_stays(browser, owner):
    form = form_of(owner, username="olga", first_name="Olga")
    User.objects.update(username_changed_at=timezone.now())

    answer = browser.post(PAGE, form)

    assert answer.status_code == 302
    owner.refresh_from_db()
    assert (owner.username, owner.first_name) == ("owner", "Olga")


def test_profile_that_was_not_changed_leaves_no_trace(browser, owner):
    browser.post(PAGE, form_of(owner))

    assert not AuditEvent.objects.exists()


def test_sign_ins_are_listed_with_where_they_began(browser, owner, stranger):
    mine = actions.start_session(by=owner, kind=SessionKind.LONG, client=ELSEWHERE)
    actions.start_session(by=stranger, kind=SessionKind.LONG, client=HERE)
    expired = LoginSession.objects.create(user=owner, client="", rotated_at=timezone.now() - timedelta(days=15))
    ended = LoginSession.objects.create(user=owner, client="", ended_at=timezone.now(), end_reason=EndReason.SIGNED_OUT)

    page = browser.get(PAGE)

    assert [(sign_in.address, sign_in.session.user_id) for sign_in in page.context["sign_ins"]] == [
        ("192.0.2.7", owner.pk)
    ]
    assert has_access(mine.access)
    assert expired.pk not in page.content.decode()
    assert ended.pk not in page.content.decode()


def test_one_sign_in_is_ended(browser, owner):
    first, second = (actions.start_session(by=owner, kind=SessionKind.LONG, client=HERE) for _ in range(2))
    session = LoginSession.objects.order_by("id").first()

    answer = browser.post(f"{PAGE}/sign-ins/{session.pk}/end", follow=True)

    assert messages_of(answer) == ["That sign-in was ended."]
    assert (has_access(first.access), has_access(second.access)) == (False, True)


@pytest.mark.parametrize("whose", ["stranger", "nobody", "nonsense"])
def test_sign_in_of_somebody_else_is_not_there(browser, stranger, whose):
    theirs = actions.start_session(by=stranger, kind=SessionKind.LONG, client=HERE)
    found = {"stranger": LoginSession.objects.get().pk, "nobody": "0" * 24, "nonsense": "x"}[whose]

    answer = browser.post(f"{PAGE}/sign-ins/{found}/end")

    assert answer.status_code == 404
    assert has_access(theirs.access)


def test_all_other_sign_ins_are_ended_and_this_page_goes_on(browser, owner):
    pair = actions.start_session(by=owner, kind=SessionKind.LONG, client=HERE)
    other = Client()
    other.force_login(owner)

    answer = browser.post(f"{PAGE}/sign-ins/end", follow=True)

    assert answer.redirect_chain == [(PAGE, 302)]
    assert messages_of(answer) == ["You were signed out everywhere else."]
    assert not has_access(pair.access)
    assert other.get(PAGE).status_code == 302


def events(page) -> list[tuple[str, ...]]:
    return [(event.what, event.about, event.by, event.address, event.outcome) for event in page.context["events"]]


def test_events_say_what_was_done_and_what_others_tried(browser, owner, stranger, administrator):
    Client().post("/accounts/sign-in", {"username": "owner", "password": "wrong"}, REMOTE_ADDR="203.0.113.9")
    actions.request_password_reset(email=owner.email, client=ELSEWHERE)
    actions.update_profile(values={"first_name": "Olga"}, by=owner, client=HERE)
    resource = {"userId": owner.pk, "meetingId": "68ee4b39b22d6134386fc5dc", "content": "transcript"}
    for person in (administrator, stranger):
        audit.record("GET", by=person, resource=resource, outcome="refused", address="198.51.100.1")
    audit.record("SAS-GENERATE", by=None, resource={"userId": owner.pk, "fileName": "a.mp4"}, address="10.0.0.1")
    audit.record("GET", by=owner, resource={"userId": stranger.pk})
    AuditEvent.objects.create(action="DELETE", outcome="ok", user_id="0" * 24, resource={"userId": owner.pk})

    page = browser.get(PAGE)

    assert events(page) == [
        ("Deletion", "", "Another user", "", "done"),
        ("SAS-GENERATE", "a.mp4", "Somebody who was not signed in", "10.0.0.1", "done"),
        ("Reading", "transcript", "Another user", "", "refused"),
        ("Reading", "transcript", "Administrator Tester, administrator", "", "refused"),
        ("Change of the profile", "", "You", "127.0.0.1", "done"),
        ("Link to reset the password", "", "Somebody who was not signed in", "192.0.2.7", "done"),
        ("Sign-in", "", "Somebody who was not signed in", "203.0.113.9", "refused"),
    ]
    assert stranger.email not in page.content.decode()


def test_quiet_account_says_so(browser):
    assert "Nothing yet." in words(browser.get(PAGE))


def test_menu_leads_here(browser):
    assert f'<a href="{PAGE}">My account</a>' in browser.get(PAGE).content.decode()


def test_page_of_the_demo_has_no_password_to_change(client, settings):
    settings.DEMO = True
    client.force_login(ensure_demo_user())

    page = client.get(PAGE)

    assert "The demo account keeps its password" in words(page)
    assert 'href="/accounts/password"' not in page.content.decode()


def test_page_leads_to_the_one_that_changes_the_password(browser):
    assert 'href="/accounts/password"' in browser.get(PAGE).content.decode()
    assert browser.get("/accounts/password").status_code == 200
