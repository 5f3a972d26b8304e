"""The demo account, whose password everybody may use and nobody may change."""

import pytest
from django.contrib.auth.tokens import default_token_generator

from accounts import actions, demo, mail
from accounts.enums import SessionKind
from accounts.models import AuditEvent, User
from tests.accounts.conftest import HERE

pytestmark = pytest.mark.django_db

NEW = "a wholly new passphrase"
SENTENCE = "The demo account keeps its password: make an account of your own."
REFUSED = (403, {"success": False, "message": SENTENCE, "code": "demo_account"})


@pytest.fixture
def visitor(settings) -> User:
    """The demo's user, in a demo."""
    settings.DEMO = True
    return demo.ensure_demo_user()


@pytest.fixture(autouse=True)
def _unchanged(visitor, mailoutbox):
    yield
    assert User.objects.get().check_password(demo.DEMO_PASSWORD)
    assert not AuditEvent.objects.filter(action__contains="PASSWORD", outcome="ok").exists()
    assert mailoutbox == []


def link(visitor) -> dict[str, str]:
    visitor.refresh_from_db()
    return {"uid": mail.reset_uid(visitor), "token": default_token_generator.make_token(visitor)}


def requests(visitor) -> dict[str, dict[str, str]]:
    return {
        "change": {"oldPassword": demo.DEMO_PASSWORD, "newPassword": NEW},
        "reset": {"email": demo.DEMO_EMAIL.upper()},
        "reset/confirm": {**link(visitor), "newPassword": NEW},
    }


@pytest.mark.parametrize("path", ["change", "reset", "reset/confirm"])
def test_call_that_would_change_the_password_is_refused(api, visitor, path, django_capture_on_commit_callbacks):
    pair = actions.start_session(by=visitor, kind=SessionKind.LONG, client=HERE)
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {pair.access}")

    with django_capture_on_commit_callbacks(execute=True):
        answer = api.post(f"/auth/password/{path}", requests(visitor)[path], format="json")

    assert (answer.status_code, answer.json()) == REFUSED


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("", {"old_password": demo.DEMO_PASSWORD, "password": NEW}),
        ("/reset", {"email": demo.DEMO_EMAIL}),
        ("/reset/{uid}/{token}", {"password": NEW}),
    ],
)
def test_page_that_would_change_the_password_says_why_not(
    client, visitor, path, fields, django_capture_on_commit_callbacks
):
    url = f"/accounts/password{path}".format(**link(visitor))
    if not path:
        client.force_login(visitor)
        url = "/accounts/password"

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(url, fields)

    assert answer.context["form"].non_field_errors() == [SENTENCE]
    assert SENTENCE in answer.content.decode()


def test_reset_of_the_demo_account_answers_like_any_other_outside_a_demo(api, settings):
    settings.DEMO = False

    answer = api.post("/auth/password/reset", {"email": demo.DEMO_EMAIL}, format="json")

    assert (answer.status_code, answer.content) == (204, b"")
