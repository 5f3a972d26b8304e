"""A planned meeting with somebody who is invited, and the mails that they get."""

import pytest
from django.core import mail

from meetings import actions
from meetings.models import Meeting
from tests.meetings.invitations.reading import PLAN


@pytest.fixture
def make(owner):
    def make(**more) -> Meeting:
        given = {"title": "Weekly planning", "plan": PLAN, "invited": ["anna@example.com"], **more}
        return actions.create(host=owner, transcript_enabled=True, by=owner, **given)

    return make


@pytest.fixture
def posted(post_all):
    """Send what is due and give the mails since the last time."""

    def run():
        before = len(mail.outbox)
        post_all()
        return mail.outbox[before:]

    return run
