"""Makers of rows for tests; each gives what its arguments say and nothing surprising."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from config.lib import keys
from meetings.models import Attendance, Meeting, Participant, Session
from rooms.models import Room
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


def make_session(
    host: User, started_at: datetime, *, people: Sequence[str] = (), minutes: int | None = 30, **fields
) -> Session:
    """Make a session that is over, or is still open where it has no minutes, with one stay of each of the people."""
    ended_at = None if minutes is None else started_at + timedelta(minutes=minutes)
    session = Session.objects.create(
        host=host, started_at=started_at, ended_at=ended_at, **{"type": "meeting", "domain": "example.com", **fields}
    )
    for person in people:
        Attendance.objects.create(session=session, person=person, joined_at=started_at, left_at=ended_at)
    return session


def make_room(owner: User, *, name: str = "Planning", **fields) -> Room:
    room = Room.objects.create(name=name, owner=owner, **fields)
    keys.create(room.pk)
    return room


def make_line(meeting: Meeting, position: int, start_ms: int, text: str) -> Line:
    speaker = meeting.participants.get(position=position)
    line = Line(meeting=meeting, participant=speaker, start_ms=start_ms, end_ms=start_ms + 2000)
    line.message = keys.cipher(meeting.pk).encrypt(text, row_id=line.pk, field="line.message")
    line.save()
    return line
