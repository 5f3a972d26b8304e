"""Makers of rows for tests; each gives what its arguments say and nothing surprising."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from config.lib import keys
from meetings.models import Meeting, Participant
from transcripts.models import Line

PASSWORD = "correct horse battery"


def make_user(name: str, **fields) -> User:
    given = {"first_name": name.capitalize(), "last_name": "Tester", "country": "ES", **fields}
    return User.objects.create_user(email=f"{name}@example.com", password=PASSWORD, **given)


def make_meeting(host: User, *, title: str = "Planning", names=("Anna", "Ben"), minutes: int = 2) -> Meeting:
    now = timezone.now()
    meeting = Meeting.objects.create(title=title, host=host, started_at=now - timedelta(minutes=minutes), ended_at=now)
    for position, name in enumerate(names):
        Participant.objects.create(meeting=meeting, name=name, position=position)
    keys.create(meeting.pk)
    return meeting


def make_line(meeting: Meeting, position: int, start_ms: int, text: str) -> Line:
    speaker = meeting.participants.get(position=position)
    line = Line(meeting=meeting, participant=speaker, start_ms=start_ms, end_ms=start_ms + 2000)
    line.message = keys.cipher(meeting.pk).encrypt(text, row_id=line.pk, field="line.message")
    line.save()
    return line
