"""Actions that no endpoint reaches, and that every action happens whole or not at all."""

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ImproperlyConfigured
from django.db import DataError, IntegrityError, transaction

from accounts import actions, demo, mail, tokens
from accounts.clients import Client
from accounts.enums import EndReason, SessionKind
from accounts.exceptions import BadCredentials, EmailTaken, NotPermitted
from accounts.models import AuditEvent, LoginSession, User
from tests.accounts.conftest import HERE, has_access
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db

# An address that no table holds: the audit row, the last step of an action, fails.
UNRECORDABLE = Client(address="\0")
NEW = "a wholly new passphrase"

ACTIONS = {
    "register": lambda owner, pair, admin: actions.register(
        email="new@example.com",
        first_name="New",
        last_name="Tester",
        phone_number="123456",
        country="ES",
        password=NEW,
        client=UNRECORDABLE,
    ),
    "start_session": lambda owner, pair, admin: actions.start_session(
        by=owner, kind=SessionKind.LONG, client=UNRECORDABLE
    ),
    "sign_out": lambda owner, pair, admin: actions.sign_out(refresh_token=pair.refresh, by=owner, client=UNRECORDABLE),
    "end_session": lambda owner, pair, admin: actions.end_session(
        session=owner.login_sessions.get(), by=owner, client=UNRECORDABLE
    ),
    "end_sessions": lambda owner, pair, admin: actions.end_sessions(user=owner, by=admin, client=UNRECORDABLE),
    "change_password": lambda owner, pair, admin: actions.change_password(
        by=owner, old_password=PASSWORD, password=NEW, client=UNRECORDABLE
    ),
    "request_password_reset": lambda owner, pair, admin: actions.request_password_reset(
        email=owner.email, client=UNRECORDABLE
    ),
    "reset_password": lambda owner, pair, admin: actions.reset_password(
        uid=mail.reset_uid(owner),
        token=default_token_generator.make_token(User.objects.get(pk=owner.pk)),
        password=NEW,
        client=UNRECORDABLE,
    ),
    "update_profile": lambda owner, pair, admin: actions.update_profile(
        values={"country": "FR"}, by=owner, client=UNRECORDABLE
    ),
    "set_active": lambda owner, pair, admin: actions.set_active(
        user=owner, active=False, by=admin, client=UNRECORDABLE
    ),
    "add_user": lambda owner, pair, admin: actions.add_user(
        user=User(email="new@example.com", first_name="New"), by=admin, client=UNRECORDABLE
    ),
    "update_user": lambda owner, pair, admin: actions.update_user(
        user=essential(owner), fields=["plan"], by=admin, client=UNRECORDABLE
    ),
}


def essential(user):
    user.plan = "essential"
    return user


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (User, LoginSession, AuditEvent)]


@pytest.mark.parametrize("name", ACTIONS)
def test_action_without_its_audit_row_did_not_happen(
    name, owner, pair, administrator, mailoutbox, django_capture_on_commit_callbacks
):
    before = everything()

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(DataError):
        ACTIONS[name](owner, pair, administrator)

    assert everything() == before
    assert mailoutbox == []


def test_reuse_whose_audit_row_fails_leaves_the_family_as_it_was(owner, pair):
    actions.refresh_session(token=pair.refresh, client=HERE)
    before = everything()

    with pytest.raises(DataError):
        actions.refresh_session(token=pair.refresh, client=UNRECORDABLE)

    assert everything() == before


def test_session_is_not_begun_when_the_password_changed_since_it_was_checked(owner):
    stale = User.objects.get(pk=owner.pk)
    owner.set_password(NEW)
    owner.save()

    with pytest.raises(BadCredentials):
        actions.start_session(by=stale, kind=SessionKind.LONG, client=HERE)


def test_session_is_not_begun_when_the_account_was_disabled_since(owner):
    User.objects.update(is_active=False)

    with pytest.raises(BadCredentials):
        actions.start_session(by=owner, kind=SessionKind.LONG, client=HERE)


def test_disabling_ends_every_sign_in_and_enabling_brings_none_back(owner, pair, administrator, client):
    client.force_login(owner)
    assert actions.set_active(user=owner, active=False, by=administrator, client=HERE)
    assert not actions.set_active(user=owner, active=False, by=administrator, client=HERE)

    assert (has_access(pair.access), client.get("/auth/me").status_code) == (False, 401)
    assert LoginSession.objects.get().end_reason == EndReason.DISABLED

    assert actions.set_active(user=owner, active=True, by=administrator, client=HERE)
    assert (has_access(pair.access), client.get("/auth/me").status_code) == (False, 401)
    assert list(AuditEvent.objects.filter(outcome="ok").order_by("id").values_list("user_id", "action"))[-2:] == [
        (administrator.pk, "DISABLE-USER"),
        (administrator.pk, "ENABLE-USER"),
    ]


def test_ending_one_session_twice_is_ending_it_once(owner, pair, administrator):
    session = owner.login_sessions.get()

    assert actions.end_session(session=session, by=administrator, client=HERE)
    assert not actions.end_session(session=session, by=administrator, client=HERE)

    session.refresh_from_db()
    assert session.end_reason == EndReason.ENDED_BY_ADMIN
    assert not has_access(pair.access)
    assert AuditEvent.objects.filter(action="END-SESSIONS").count() == 1


def test_strangers_end_no_sessions(owner, pair, stranger):
    session = owner.login_sessions.get()

    with pytest.raises(NotPermitted):
        actions.end_session(session=session, by=stranger, client=HERE)
    with pytest.raises(NotPermitted):
        actions.end_sessions(user=owner, by=stranger, client=HERE)

    assert has_access(pair.access)


def test_added_user_gets_a_link_and_has_no_password(administrator, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        user = actions.add_user(user=User(email="Anna@Example.com", first_name="Anna"), by=administrator, client=HERE)

    assert (user.email, user.username, user.has_usable_password()) == ("anna@example.com", "anna", False)
    assert [sent.to for sent in mailoutbox] == [["anna@example.com"]]


def test_user_with_a_known_email_is_not_added(administrator, owner):
    with pytest.raises(EmailTaken):
        actions.add_user(user=User(email="owner@example.com"), by=administrator, client=HERE)


def test_only_who_may_appoint_makes_administrators(owner, administrator):
    clerk = make_user("clerk", is_staff=True)
    owner.is_staff = True

    with pytest.raises(NotPermitted):
        actions.update_user(user=owner, fields=["is_staff"], by=clerk, client=HERE)
    actions.update_user(user=owner, fields=["is_staff"], by=administrator, client=HERE)

    assert User.objects.get(pk=owner.pk).is_staff
    assert AuditEvent.objects.get(action="UPDATE-USER").resource == {"userId": owner.pk, "fields": ["is_staff"]}


def test_request_for_a_reset_by_an_administrator_names_him(owner, administrator):
    assert actions.request_password_reset(email=owner.email, by=administrator, client=HERE)

    event = AuditEvent.objects.get()
    assert (event.user_id, event.resource) == (administrator.pk, {"userId": owner.pk})


def test_refresh_token_of_nobody_signs_nobody_out(owner, pair):
    claims = tokens.read_refresh(pair.refresh)

    actions.sign_out(refresh_token=pair.refresh, by=owner, client=HERE)
    actions.sign_out(refresh_token=pair.refresh, by=owner, client=HERE)

    assert LoginSession.objects.get(pk=claims.session_id).end_reason == EndReason.SIGNED_OUT


def test_demo_user_is_made_once(settings):
    settings.DEMO = True

    assert demo.ensure_demo_user() == demo.ensure_demo_user()
    assert User.objects.get().check_password(demo.DEMO_PASSWORD)


def test_demo_user_is_refused_outside_a_demo():
    with pytest.raises(ImproperlyConfigured):
        demo.ensure_demo_user()


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "Upper@example.com"},
        {"username": "Upper"},
        {"username": ""},
        {"username": "a@b"},
        {"plan": "gold"},
        {"is_superuser": True},
    ],
)
def test_database_refuses_what_must_not_be(owner, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=owner.pk).update(**fields)


def test_database_refuses_an_end_without_a_reason(pair):
    with pytest.raises(IntegrityError), transaction.atomic():
        LoginSession.objects.update(end_reason=EndReason.SIGNED_OUT)


def test_superuser_made_on_the_command_line_is_an_administrator():
    user = User.objects.create_superuser("Root@example.com", NEW, first_name="Root")

    assert (user.email, user.username, user.roles, user.is_superuser) == (
        "root@example.com",
        "root",
        ["user", "admin"],
        True,
    )
