"""A meeting with what was said in it, and who says something, for the tests of this app."""

from datetime import timedelta

import pytest
from django.utils import timezone

from meetings.models import Meeting
from tests.factories import make_line, make_meeting, make_room
from tests.transcripts.sending import SECRET


@pytest.fixture
def meeting(owner) -> Meeting:
    """Anna's and Ben's meeting of three lines, stored out of order."""
    made = make_meeting(owner, title="Weekly planning")
    make_line(made, 1, 4000, "Thursday is the better day")
    make_line(made, 0, 0, "We decided to move the report to Thursday")
    make_line(made, 0, 9500, "I will send the report by Thursday")
    return made


@pytest.fixture
def _secret(settings):
    settings.ENCRYPTION_SECRET = SECRET


@pytest.fixture
def running(owner) -> Meeting:
    """A meeting in the owner's room that has been running for a minute."""
    made = make_meeting(owner, names=[])
    room = make_room(owner)
    began = timezone.now() - timedelta(minutes=1)
    Meeting.objects.filter(pk=made.pk).update(room=room, started_at=began, ended_at=None)
    made.refresh_from_db()
    return made


@pytest.fixture
def send(api, owner):
    """Send a line of the owner's, or of somebody else."""

    def send(meeting, user=owner, **fields):
        api.force_authenticate(user)
        body = {"meetingId": meeting.pk, "userName": "Haseeb Stats", "message": "Hello.", **fields}
        return api.post("/send-transcript", body, format="json")

    return send


@pytest.fixture
def send_batch(api, owner):
    def send(meeting, *lines, user=owner):
        api.force_authenticate(user)
        named = [{"userName": "Haseeb Stats", **line} for line in lines]
        return api.post("/send-transcript/batch", {"meetingId": meeting.pk, "lines": named}, format="json")

    return send
