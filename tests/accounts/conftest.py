"""Sign-ins as REST clients make them."""

import time

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts import actions
from accounts.clients import Client
from accounts.enums import SessionKind

HERE = Client(address="127.0.0.1", user_agent="")
ELSEWHERE = Client(address="192.0.2.7", user_agent="curl")


def has_access(token: str) -> bool:
    return APIClient().get("/auth/me", HTTP_AUTHORIZATION=f"Bearer {token}").status_code == 200


def wait_for_waiting(count: int) -> None:
    """Return once so many statements wait for a lock in the database."""
    with connection.cursor() as cursor:
        while cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0] < count:
            time.sleep(0.01)


@pytest.fixture
def pair(owner) -> actions.TokenPair:
    """What the owner got when signing in from the address that the test client has."""
    return actions.start_session(by=owner, kind=SessionKind.LONG, client=HERE)


@pytest.fixture
def signed_in(api, pair):
    """A REST client of the owner."""
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {pair.access}")
    return api
