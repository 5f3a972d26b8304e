"""POST /auth/password/change, /reset and /reset/confirm."""

import re
import threading

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.db import connection

from accounts import actions, mail
from accounts.enums import EndReason, SessionKind
from accounts.exceptions import BadResetLink
from accounts.models import AuditEvent, LoginSession, User
from tests.accounts.conftest import ELSEWHERE, HERE, has_access
from tests.factories import PASSWORD

NEW = "a wholly new passphrase"


def change(api, old=PASSWORD, new=NEW):
    return api.post("/auth/password/change", {"oldPassword": old, "newPassword": new}, format="json")


def confirm(api, uid, token, new=NEW):
    return api.post("/auth/password/reset/confirm", {"uid": uid, "token": token, "newPassword": new}, format="json")


@pytest.fixture
def link(owner) -> tuple[str, str]:
    return mail.reset_uid(owner), default_token_generator.make_token(owner)


@pytest.mark.django_db
def test_change_ends_every_other_sign_in(signed_in, owner, pair):
    other = actions.start_session(by=owner, kind=SessionKind.LONG, client=ELSEWHERE)

    answer = change(signed_in)

    assert (answer.status_code, answer.content) == (204, b"")
    assert signed_in.get("/auth/me").status_code == 200
    assert not has_access(other.access)
    assert LoginSession.objects.exclude(ended_at=None).get().end_reason == EndReason.PASSWORD
    before = owner.password_changed_at
    owner.refresh_from_db()
    assert owner.check_password(NEW)
    assert owner.password_changed_at > before


@pytest.mark.django_db
def test_change_ends_page_sessions(signed_in, owner, client):
    client.force_login(owner)

    change(signed_in)

    assert client.get("/auth/me").status_code == 401


@pytest.mark.django_db
def test_change_with_a_wrong_old_password_is_refused_and_audited(signed_in, owner):
    answer = change(signed_in, old="wrong")

    assert (answer.status_code, answer.json()) == (
        400,
        {
            "success": False,
            "message": "The field oldPassword is not valid.",
            "code": "invalid",
            "errors": {"oldPassword": ["The old password is wrong."]},
        },
    )
    event = AuditEvent.objects.get(action="CHANGE-PASSWORD")
    assert (event.user_id, event.resource, event.outcome) == (owner.pk, {"userId": owner.pk}, "refused")


@pytest.mark.django_db
def test_change_to_a_weak_password_is_refused(signed_in, owner):
    answer = change(signed_in, new="12345678")

    assert (answer.status_code, answer.json()["errors"]) == (
        400,
        {"newPassword": ["This password is too common.", "This password is entirely numeric."]},
    )
    assert User.objects.get(pk=owner.pk).check_password(PASSWORD)


@pytest.mark.django_db
def test_reset_mails_a_link_below_the_public_address(
    api, owner, settings, mailoutbox, django_capture_on_commit_callbacks
):
    settings.PUBLIC_URL = "https://meet.example.com"
    settings.ALLOWED_HOSTS = ["*"]

    with django_capture_on_commit_callbacks(execute=True):
        answer = api.post(
            "/auth/password/reset", {"email": "Owner@example.com"}, format="json", HTTP_HOST="evil.example"
        )

    assert (answer.status_code, answer.content) == (204, b"")
    (sent,) = mailoutbox
    assert sent.to == ["owner@example.com"]
    assert "evil.example" not in sent.body
    uid, token = re.search(r"https://meet\.example\.com/accounts/password/reset/(\S+)/(\S+)", sent.body).groups()
    assert confirm(api, uid, token).status_code == 204
    assert User.objects.get().check_password(NEW)


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["nobody@example.com", "owner@example.com"])
def test_reset_of_an_unknown_or_disabled_account_answers_alike_and_mails_nothing(
    api, owner, email, mailoutbox, django_capture_on_commit_callbacks
):
    User.objects.update(is_active=False)

    with django_capture_on_commit_callbacks(execute=True):
        answer = api.post("/auth/password/reset", {"email": email}, format="json")

    assert (answer.status_code, answer.content, mailoutbox) == (204, b"", [])


@pytest.mark.django_db
def test_confirmed_reset_ends_every_sign_in(api, owner, pair, link):
    link = mail.reset_uid(owner), default_token_generator.make_token(User.objects.get())

    answer = confirm(api, *link)

    assert (answer.status_code, answer.content) == (204, b"")
    assert LoginSession.objects.get().end_reason == EndReason.PASSWORD
    event = AuditEvent.objects.get(action="RESET-PASSWORD")
    assert (event.user_id, event.resource) == (owner.pk, {"userId": owner.pk})


@pytest.mark.django_db
@pytest.mark.parametrize("uid", ["AAAA", "\N{SNOWMAN}", "_w", "MDAwMA", "!"])
def test_link_of_nobody_is_refused(api, link, uid):
    answer = confirm(api, uid, link[1])

    assert (answer.status_code, answer.json()) == (
        400,
        {
            "success": False,
            "message": "This link is not valid any more: ask for a new one.",
            "code": "bad_reset_link",
        },
    )


@pytest.mark.django_db
def test_link_with_a_weak_password_stays_good(api, link):
    assert confirm(api, *link, new="12345678").json()["errors"] == {
        "newPassword": ["This password is too common.", "This password is entirely numeric."]
    }
    assert confirm(api, *link).status_code == 204


@pytest.mark.django_db
def test_link_works_once(api, link):
    confirm(api, *link)

    assert confirm(api, *link, new="something else again").json()["code"] == "bad_reset_link"


@pytest.mark.django_db(transaction=True)
def test_link_used_twice_at_once_sets_one_password(owner, link):
    uid, token = link
    gate, outcomes = threading.Barrier(2), []

    def use(password):
        gate.wait()
        try:
            actions.reset_password(uid=uid, token=token, password=password, client=HERE)
            outcomes.append(password)
        except BadResetLink:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=use, args=(f"{NEW} {number}",)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count("refused") == 1
    outcomes.remove("refused")
    assert User.objects.get().check_password(outcomes[0])
