"""POST /auth/refresh, and who may use a refresh token twice."""

import os
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts import actions, tokens
from accounts.enums import EndReason, SessionKind
from accounts.exceptions import BadRefreshToken
from accounts.models import AuditEvent, LoginSession
from tests.accounts.conftest import ELSEWHERE, HERE, wait_for_waiting

# Rounds of refreshes at once.
ROUNDS = 200 if os.environ.get("SOAK") == "full" else 5

REFUSED = {
    "success": False,
    "message": "The refresh token is no longer valid: sign in again.",
    "code": "bad_refresh_token",
}


def refresh(api, token, **headers):
    return api.post("/auth/refresh", {"refreshToken": token}, format="json", **headers)


@pytest.mark.django_db
def test_refresh_answers_a_new_pair(api, owner, pair):
    answer = refresh(api, pair.refresh)

    body = answer.json()
    token, successor = body["data"].pop("token"), body["data"].pop("refreshToken")
    assert (answer.status_code, body) == (
        200,
        {"success": True, "data": {"expiresIn": 43200}, "message": "Token refreshed successfully"},
    )
    session = LoginSession.objects.get()
    assert tokens.read_access(token).session_id == session.pk
    assert tokens.read_refresh(successor) == tokens.RefreshClaims(owner.pk, session.pk, 1)


@pytest.mark.django_db
def test_short_session_stays_short(owner):
    pair = actions.start_session(by=owner, kind=SessionKind.SHORT, client=HERE)

    assert actions.refresh_session(token=pair.refresh, client=HERE).expires_in == 900


@pytest.mark.django_db
def test_present_token_works_from_another_address(owner, pair):
    assert actions.refresh_session(token=pair.refresh, client=ELSEWHERE).refresh != pair.refresh


@pytest.mark.django_db
def test_used_token_within_the_grace_by_the_same_client_gets_the_same_successor(api, pair):
    first = refresh(api, pair.refresh).json()["data"]["refreshToken"]
    second = refresh(api, pair.refresh).json()["data"]["refreshToken"]

    assert first == second
    assert LoginSession.objects.get().generation == 1


@pytest.mark.django_db
def test_late_reuse_ends_the_family(api, owner, pair):
    successor = refresh(api, pair.refresh).json()["data"]["refreshToken"]
    LoginSession.objects.update(rotated_at=timezone.now() - actions.REUSE_GRACE - timedelta(seconds=1))

    answer = refresh(api, pair.refresh)

    assert (answer.status_code, answer.json()) == (401, REFUSED)
    assert (refresh(api, successor).status_code, refresh(api, pair.refresh).status_code) == (401, 401)
    session = LoginSession.objects.get()
    assert session.end_reason == EndReason.REUSED
    event = AuditEvent.objects.get(action="REFRESH")
    assert (event.user_id, event.resource, event.outcome, event.address) == (
        owner.pk,
        {"userId": owner.pk, "sessionId": session.pk},
        "refused",
        "127.0.0.1",
    )


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{"HTTP_USER_AGENT": "another"}, {"REMOTE_ADDR": "192.0.2.7"}])
def test_foreign_reuse_ends_the_family_at_once(api, pair, headers):
    successor = refresh(api, pair.refresh).json()["data"]["refreshToken"]

    answer = refresh(api, pair.refresh, **headers)

    assert (answer.status_code, answer.json()) == (401, REFUSED)
    assert refresh(api, successor).status_code == 401


@pytest.mark.django_db
def test_token_two_generations_old_ends_the_family(api, pair):
    successor = refresh(api, pair.refresh).json()["data"]["refreshToken"]
    refresh(api, successor)

    assert refresh(api, pair.refresh).status_code == 401
    assert LoginSession.objects.get().end_reason == EndReason.REUSED


@pytest.mark.django_db
def test_ended_family_ends_access_at_once(signed_in, pair):
    assert signed_in.get("/auth/me").status_code == 200
    LoginSession.objects.all().end(EndReason.SIGNED_OUT)

    assert signed_in.get("/auth/me").status_code == 401


@pytest.mark.django_db
def test_refresh_of_a_session_that_is_gone_is_refused(pair):
    LoginSession.objects.all().delete()

    with pytest.raises(BadRefreshToken):
        actions.refresh_session(token=pair.refresh, client=HERE)


@pytest.mark.django_db
def test_refresh_of_a_disabled_account_is_refused(owner, pair):
    type(owner).objects.update(is_active=False)

    with pytest.raises(BadRefreshToken):
        actions.refresh_session(token=pair.refresh, client=HERE)


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_eight_refreshes_at_once_make_one_successor(owner):
    for _ in range(ROUNDS):
        pair = actions.start_session(by=owner, kind=SessionKind.LONG, client=HERE)
        session_id = tokens.read_refresh(pair.refresh).session_id

        answers = at_once(session_id, [HERE] * 8, pair.refresh)

        assert len(answers) == 8
        assert len(set(answers)) == 1
        assert tokens.read_refresh(answers[0]).generation == 1
        session = LoginSession.objects.get(pk=session_id)
        assert (session.generation, session.ended_at) == (1, None)


@pytest.mark.soak
@pytest.mark.django_db(transaction=True)
def test_two_thieves_and_the_owner_at_once_leave_no_family(owner):
    for _ in range(ROUNDS):
        pair = actions.start_session(by=owner, kind=SessionKind.LONG, client=HERE)
        session_id = tokens.read_refresh(pair.refresh).session_id

        answers = at_once(session_id, [HERE, ELSEWHERE, HERE, ELSEWHERE], pair.refresh)

        assert len({answer for answer in answers if answer != "refused"}) <= 1
        session = LoginSession.objects.get(pk=session_id)
        assert (session.generation, session.end_reason) == (1, EndReason.REUSED)


def at_once(session_id, clients, token) -> list[str]:
    """Refresh one token by all clients at the same moment; give what each got.

    The row is held until all of them wait for it, so that none can be too late to get in the others' way.
    """
    answers: list[str] = []

    def run(client):
        try:
            answers.append(actions.refresh_session(token=token, client=client).refresh)
        except BadRefreshToken:
            answers.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    with transaction.atomic():
        LoginSession.objects.select_for_update().get(pk=session_id)
        for thread in threads:
            thread.start()
        wait_for_waiting(len(threads))
    for thread in threads:
        thread.join()
    return answers
