"""A planned meeting, and what those read who are invited to it."""

import email
import email.policy
from datetime import UTC, datetime

import icalendar

from meetings.actions import Plan

STARTS = datetime(2026, 11, 12, 15, tzinfo=UTC)
PLAN = Plan(starts_at=STARTS, duration_minutes=45, time_zone="Europe/Madrid")


def event_of(message):
    """Read the event that a mail brings, from its bytes; it is the same in its body and in its file."""
    parts = list(email.message_from_bytes(message.message().as_bytes(), policy=email.policy.SMTP).walk())
    assert [part.get_content_type() for part in parts] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/calendar",
        "application/ics",
    ]
    inline, file = parts[3].get_content(), parts[4].get_content().decode()
    assert (file.splitlines(), parts[4].get_filename()) == (inline.splitlines(), "invite.ics")
    read = icalendar.Calendar.from_ical(file)
    assert parts[3]["Content-Type"].params == {"method": read["METHOD"], "charset": "utf-8"}
    (event,) = read.walk("VEVENT")
    assert (read["VERSION"], read.errors, event.errors) == ("2.0", [], [])
    return read["METHOD"], event


def secret_in(message) -> str:
    link = next(line for line in message.body.splitlines() if line.startswith("http"))
    return link.partition("?invite=")[2]
