"""POST /auth/logout."""

import pytest

from accounts import actions
from accounts.enums import EndReason, SessionKind
from accounts.models import AuditEvent, LoginSession
from tests.accounts.conftest import HERE, has_access

pytestmark = pytest.mark.django_db


def logout(api, token):
    return api.post("/auth/logout", {"refreshToken": token}, format="json")


def test_logout_ends_the_family_and_its_access(signed_in, owner, pair):
    answer = logout(signed_in, pair.refresh)

    assert (answer.status_code, answer.content) == (204, b"")
    session = LoginSession.objects.get()
    assert session.end_reason == EndReason.SIGNED_OUT
    assert signed_in.get("/auth/me").status_code == 401
    event = AuditEvent.objects.get(action="LOGOUT")
    assert (event.user_id, event.resource) == (owner.pk, {"userId": owner.pk, "sessionId": session.pk})


def test_logout_with_a_used_refresh_token_ends_the_family(signed_in, pair):
    actions.refresh_session(token=pair.refresh, client=HERE)

    assert logout(signed_in, pair.refresh).status_code == 204
    assert LoginSession.objects.get().end_reason == EndReason.SIGNED_OUT


def test_logout_leaves_other_sign_ins_alone(signed_in, owner, pair):
    other = actions.start_session(by=owner, kind=SessionKind.LONG, client=HERE)

    logout(signed_in, pair.refresh)

    assert has_access(other.access)


def test_logout_with_the_token_of_somebody_else_ends_nothing(signed_in, stranger, pair):
    foreign = actions.start_session(by=stranger, kind=SessionKind.LONG, client=HERE)

    answer = logout(signed_in, foreign.refresh)

    assert (answer.status_code, answer.json()) == (
        401,
        {"success": False, "message": "The refresh token is not one of yours.", "code": "bad_refresh_token"},
    )
    assert LoginSession.objects.open().count() == 2


def test_logout_needs_a_sign_in(api, pair):
    answer = logout(api, pair.refresh)

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert LoginSession.objects.open().count() == 1
