"""Sign-ins as REST clients make them."""

import pytest
from rest_framework.test import APIClient

from accounts import actions
from accounts.clients import Client
from accounts.enums import SessionKind

HERE = Client(address="127.0.0.1", user_agent="")
ELSEWHERE = Client(address="192.0.2.7", user_agent="curl")


def has_access(token: str) -> bool:
    return APIClient().get("/auth/me", HTTP_AUTHORIZATION=f"Bearer {token}").status_code == 200


@pytest.fixture
def pair(owner) -> actions.TokenPair:
    """What the owner got when signing in from the address that the test client has."""
    return actions.start_session(by=owner, kind=SessionKind.LONG, client=HERE)


@pytest.fixture
def signed_in(api, pair):
    """A REST client of the owner."""
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {pair.access}")
    return api
