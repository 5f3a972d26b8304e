"""The accounts in the operators' panel, and that it makes no reader of anybody."""

import json

import pytest

from accounts import audit
from accounts.enums import EndReason
from accounts.models import AuditEvent, LoginSession, User
from tests.accounts.conftest import has_access
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db

USERS = "/admin/accounts/user/"


@pytest.fixture
def panel(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def clerk(client):
    """An administrator who may not appoint others."""
    client.force_login(make_user("clerk", is_staff=True))
    return client


def act(browser, action, *rows, where=USERS):
    """Run an action on rows; give what the panel then says."""
    form = {"action": action, "_selected_action": [row.pk for row in rows]}
    answer = browser.post(where, form, follow=True)
    return [str(message) for message in answer.context["messages"]]


def form_of(user, **changes):
    fields = {
        "first_name": user.first_name,
        "last_name": user.last_name,
        "phone_number": user.phone_number,
        "country": user.country,
        "language": user.language,
        "plan": user.plan,
        "initial-plan": user.plan,
        "rates": json.dumps(user.rates),
        "initial-rates": json.dumps(user.rates),
    }
    return {**fields, **changes}


def test_panel_signs_in_on_the_ordinary_page(client):
    answer = client.get("/admin/", follow=True)

    assert answer.redirect_chain == [("/admin/login/?next=/admin/", 302), ("/accounts/sign-in?next=/admin/", 302)]
    assert answer.templates[0].name == "accounts/sign_in.html"


def test_panel_is_closed_to_users(client, owner):
    client.force_login(owner)

    assert client.get("/admin/", follow=True).status_code == 403
    assert client.get(USERS, follow=True).status_code == 403


def test_panel_changes_ones_own_password_on_the_ordinary_page(panel):
    assert panel.get("/admin/password_change/")["Location"] == "/accounts/password"


@pytest.mark.parametrize("path", ["user", "loginsession", "auditevent"])
def test_lists_show(panel, owner, pair, path):
    answer = panel.get(f"/admin/accounts/{path}/")

    assert answer.status_code == 200
    assert PASSWORD not in answer.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_sign_ins_takes_the_same_queries_for_any_number(panel, owner, count, django_assert_max_num_queries):
    for number in range(count):
        LoginSession.objects.create(user=make_user(f"user{number}"), client="")

    with django_assert_max_num_queries(6):
        panel.get("/admin/accounts/loginsession/")


def test_groups_are_not_in_the_panel(panel):
    assert panel.get("/admin/auth/group/").status_code == 404


def test_change_page_shows_no_password_and_takes_no_email(panel, owner):
    page = panel.get(f"{USERS}{owner.pk}/change/").content.decode()

    for name in ("email", "username", "password", "is_active", "last_login"):
        assert f'name="{name}"' not in page
    assert owner.password not in page
    assert "argon2" not in page


def test_change_of_email_username_or_password_is_not_heard(panel, owner):
    changes = {"email": "spy@example.com", "username": "spy", "password": "spying on you", "country": "FR"}

    answer = panel.post(f"{USERS}{owner.pk}/change/", form_of(owner, **changes))

    assert answer.status_code == 302
    user = User.objects.get(pk=owner.pk)
    assert (user.email, user.username, user.country) == ("owner@example.com", "owner", "FR")
    assert user.check_password(PASSWORD)
    assert list(AuditEvent.objects.filter(action="UPDATE-USER").order_by("id").values_list("resource", "outcome")) == [
        ({"userId": owner.pk, "fields": ["country"]}, "ok"),
        ({"userId": owner.pk, "fields": ["email", "username", "password"]}, "refused"),
    ]


def test_change_of_plan_is_audited_with_the_plan(panel, owner):
    panel.post(f"{USERS}{owner.pk}/change/", form_of(owner, plan="essential"))

    assert User.objects.get(pk=owner.pk).plan == "essential"
    event = AuditEvent.objects.get(action="UPDATE-USER")
    assert event.resource == {"userId": owner.pk, "fields": ["plan"], "plan": "essential"}


def test_limits_of_a_user_are_set_and_audited(panel, administrator, owner):
    panel.post(f"{USERS}{owner.pk}/change/", form_of(owner, rates='{"RATE_SUMMARY": "100/m", "RATE_FILES": "5/10s"}'))

    rates = {"RATE_SUMMARY": "100/m", "RATE_FILES": "5/10s"}
    assert User.objects.get(pk=owner.pk).rates == rates
    event = AuditEvent.objects.get(action="UPDATE-LIMIT")
    assert (event.user_id, event.resource) == (administrator.pk, {"userId": owner.pk, "rates": rates})


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("often", "Enter a valid JSON."),
        ('["100/m"]', "Write limits as {"),
        ('{"RATE_SUMMARY": 100}', "Write limits as {"),
        ('{"RATE_SUMMARY": "100"}', "Write limits as {"),
        ('{"RATE_SUMMARY": "100/0m"}', "Write limits as {"),
        ('{"RATE_SUMMARY": "100/y"}', "Write limits as {"),
        ('{"RATE_WISHES": "100/m"}', "There is no limit called RATE_WISHES."),
    ],
)
def test_limits_that_make_no_sense_are_refused(panel, owner, text, error):
    answer = panel.post(f"{USERS}{owner.pk}/change/", form_of(owner, rates=text))

    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors["rates"][0].startswith(error)
    assert User.objects.get(pk=owner.pk).rates == {}


@pytest.mark.parametrize("text", ["", "{}", "[]", '""'])
def test_limits_that_are_left_empty_are_none(panel, owner, text):
    owner.rates = {"RATE_FILES": "1/d"}
    owner.save()

    panel.post(f"{USERS}{owner.pk}/change/", form_of(owner, rates=text))

    assert User.objects.get(pk=owner.pk).rates == {}


def test_saving_without_a_change_changes_nothing(panel, owner):
    panel.post(f"{USERS}{owner.pk}/change/", form_of(owner))

    assert not AuditEvent.objects.exists()


def test_there_is_no_view_that_sets_a_password(panel, owner):
    form = {"password1": "spying on you", "password2": "spying on you", "usable_password": "true"}

    answer = panel.post(f"{USERS}{owner.pk}/password/", form, follow=True)

    assert b'type="password"' not in answer.content
    assert User.objects.get(pk=owner.pk).check_password(PASSWORD)


def test_there_is_no_deletion(panel, owner):
    answer = panel.post(f"{USERS}{owner.pk}/delete/", {"post": "yes"})

    assert answer.status_code == 403
    assert User.objects.filter(pk=owner.pk).exists()


def test_added_user_gets_a_mail_and_no_typed_password(panel, mailoutbox, django_capture_on_commit_callbacks):
    form = form_of(User(first_name="Anna"), email="Anna@example.com", password="spying on you", is_staff="on")

    with django_capture_on_commit_callbacks(execute=True):
        answer = panel.post(f"{USERS}add/", form)

    assert answer.status_code == 302
    user = User.objects.get(email="anna@example.com")
    assert (user.username, user.is_staff, user.has_usable_password()) == ("anna", False, False)
    assert [sent.to for sent in mailoutbox] == [["anna@example.com"]]


def test_adding_a_known_email_says_so(panel, owner):
    answer = panel.post(f"{USERS}add/", form_of(owner, email="OWNER@example.com"))

    assert answer.status_code == 200
    assert answer.context["errors"] == [["User with this E-mail already exists."]]


def test_only_superusers_appoint_administrators(panel, owner):
    panel.post(f"{USERS}{owner.pk}/change/", form_of(owner, is_staff="on"))
    assert User.objects.get(pk=owner.pk).roles == ["user", "admin"]


def test_clerks_appoint_nobody(clerk, owner):
    clerk.post(f"{USERS}{owner.pk}/change/", form_of(owner, is_staff="on", is_superuser="on", country="FR"))

    user = User.objects.get(pk=owner.pk)
    assert (user.roles, user.is_superuser, user.country) == (["user"], False, "FR")


def test_clerks_change_no_administrator(clerk, administrator):
    clerk.post(f"{USERS}{administrator.pk}/change/", form_of(administrator, country="FR"))

    assert User.objects.get(pk=administrator.pk).country == "ES"


def test_superuser_must_be_an_administrator(panel, owner):
    answer = panel.post(f"{USERS}{owner.pk}/change/", form_of(owner, is_superuser="on"))

    assert answer.status_code == 200
    assert not User.objects.get(pk=owner.pk).is_superuser


def test_disable_and_enable_report_done_skipped_and_failed(panel, owner, pair, stranger, administrator):
    User.objects.filter(pk=stranger.pk).update(is_active=False)

    first = act(panel, "disable", owner, stranger, administrator)
    lost = not has_access(pair.access)
    second = act(panel, "enable", owner)

    assert first == [
        "Disable: 1 done, 1 skipped, 1 failed. "
        "administrator@example.com: You cannot disable or enable your own account."
    ]
    assert lost
    assert second == ["Enable: 1 done, 0 skipped, 0 failed."]


def test_clerk_disables_no_administrator(clerk, administrator):
    said = act(clerk, "disable", administrator)

    assert said == [
        "Disable: 0 done, 0 skipped, 1 failed. administrator@example.com: "
        "Only an administrator who may appoint others can do this to an administrator."
    ]
    assert User.objects.get(pk=administrator.pk).is_active


def test_password_reset_goes_to_the_users_own_address(
    panel, owner, stranger, mailoutbox, django_capture_on_commit_callbacks
):
    User.objects.filter(pk=stranger.pk).update(is_active=False)

    with django_capture_on_commit_callbacks(execute=True):
        said = act(panel, "send_password_reset", owner, stranger)

    assert said == ["Password reset: 1 done, 1 skipped, 0 failed."]
    assert [sent.to for sent in mailoutbox] == [["owner@example.com"]]


def test_sign_out_everywhere_ends_tokens_and_pages(panel, owner, pair):
    browser = type(panel)()
    browser.force_login(owner)

    said = act(panel, "end_all_sessions", owner)

    assert said == ["Sign out: 1 done, 0 skipped, 0 failed."]
    assert not has_access(pair.access)
    assert browser.get("/auth/me").status_code == 401


def test_one_sign_in_is_ended(panel, owner, pair):
    said = act(panel, "end", LoginSession.objects.get(), where="/admin/accounts/loginsession/")

    assert said == ["End: 1 done, 0 skipped, 0 failed."]
    assert LoginSession.objects.get().end_reason == EndReason.ENDED_BY_ADMIN


@pytest.mark.parametrize("model", ["loginsession", "auditevent"])
def test_sign_ins_and_audit_are_read_only(panel, owner, pair, model):
    row = {"loginsession": LoginSession, "auditevent": AuditEvent}[model].objects.get()
    where = f"/admin/accounts/{model}/"

    assert panel.get(f"{where}{row.pk}/change/").status_code == 200
    assert panel.post(f"{where}{row.pk}/change/", {"action": "x"}).status_code == 403
    assert panel.post(f"{where}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert panel.get(f"{where}add/").status_code == 403


def test_audit_log_is_searched_by_user_and_by_what_it_is_about(panel, owner):
    audit.record("GET", by=owner, resource={"meetingId": "abc"})
    audit.record("GET", by=None, resource={"meetingId": "xyz"})

    by_user = panel.get("/admin/accounts/auditevent/", {"q": owner.pk})
    by_thing = panel.get("/admin/accounts/auditevent/", {"q": "xyz"})

    assert [event.user_id for event in by_user.context["cl"].result_list] == [owner.pk]
    assert [event.user_id for event in by_thing.context["cl"].result_list] == [None]
