"""Invitations as calendars read them: RFC 5545 (iCalendar) and RFC 5546 (iTIP); no I/O, no Django."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import icalendar

# How long a meeting takes up in a calendar when nobody planned its length.
DEFAULT_MINUTES = 60


@dataclass(frozen=True)
class Event:
    """What a calendar is told of a meeting."""

    # The same in everything that is ever said of the meeting: RFC 5545, 3.8.4.7.
    uid: str
    # Higher in each later message: RFC 5545, 3.8.7.4.
    sequence: int
    title: str
    description: str
    link: str
    starts_at: datetime
    minutes: int | None
    host_name: str
    host_email: str
    invited_email: str


def request(event: Event, *, at: datetime) -> bytes:
    """Ask somebody to come, or tell them of a change: METHOD:REQUEST, RFC 5546, 3.2.2."""
    return _message("REQUEST", "CONFIRMED", event, at)


def cancel(event: Event, *, at: datetime) -> bytes:
    """Tell somebody that the meeting is off, or that they are not asked to come any more: RFC 5546, 3.2.5."""
    return _message("CANCEL", "CANCELLED", event, at)


def _message(method: str, status: str, event: Event, at: datetime) -> bytes:
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Tertulia//Meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(_component(status, event, at))
    return bytes(calendar.to_ical())


def _component(status: str, event: Event, at: datetime) -> icalendar.Event:
    component = icalendar.Event()
    component.add("uid", event.uid)
    component.add("sequence", event.sequence)
    component.add("status", status)
    component.add("dtstamp", at.astimezone(UTC))
    # In UTC, which every calendar shows in its reader's own zone; a zone's name would need its rules beside it.
    component.add("dtstart", event.starts_at.astimezone(UTC))
    component.add("duration", timedelta(minutes=event.minutes or DEFAULT_MINUTES))
    component.add("summary", event.title)
    component.add("description", event.description)
    component.add("location", event.link)
    component.add("url", event.link)
    component.add("organizer", _person(event.host_email, CN=event.host_name))
    component.add(
        "attendee", _person(event.invited_email, ROLE="REQ-PARTICIPANT", PARTSTAT="NEEDS-ACTION", RSVP="TRUE")
    )
    return component


def _person(email: str, **parameters: str) -> icalendar.vCalAddress:
    person = icalendar.vCalAddress(f"mailto:{email}")
    person.params.update(parameters)
    return person
