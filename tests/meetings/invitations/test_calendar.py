"""What calendars read."""

from datetime import timedelta

import icalendar
import pytest
from django.utils import timezone

from meetings.invitations import calendar
from tests.meetings.invitations.reading import STARTS, event_of

pytestmark = pytest.mark.django_db


def test_calendar_reads_the_event(make, posted, owner):
    meeting = make()

    method, event = event_of(posted()[0])

    assert method == "REQUEST"
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (f"{meeting.pk}@tertulia", 0, "CONFIRMED")
    assert (event.start, event.end) == (STARTS, STARTS + timedelta(minutes=45))
    assert abs(event["DTSTAMP"].dt - timezone.now()) < timedelta(minutes=1)
    assert (event["SUMMARY"], event["URL"]) == ("Weekly planning", f"http://127.0.0.1:8000/m/{meeting.pk}")
    assert (event["ORGANIZER"], event["ORGANIZER"].params["CN"]) == (f"mailto:{owner.email}", "Owner Tester")
    assert event["ATTENDEE"] == "mailto:anna@example.com"
    assert event["ATTENDEE"].params == {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}


def test_texts_are_escaped_and_folded():
    event = calendar.Event(
        uid="one@tertulia",
        sequence=3,
        title="Täg; a, b \\ c",
        description="First\nsecond " + "long " * 40,
        link="https://meet.example.com/r/1",
        starts_at=STARTS,
        minutes=None,
        host_name='Anna "the host"; Alba',
        host_email="anna@example.com",
        invited_email="ben@example.com",
    )

    written = calendar.request(event, at=STARTS)

    assert max(map(len, written.split(b"\r\n"))) <= 75
    (read,) = icalendar.Calendar.from_ical(written).walk("VEVENT")
    assert (read["SUMMARY"], read["DESCRIPTION"]) == (event.title, event.description)
    assert read["ORGANIZER"].params["CN"] == event.host_name
    assert b"DTSTART:20261112T150000Z\r\n" in written
