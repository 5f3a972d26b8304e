"""Invitations: who gets which mail when, what their calendars read, and that no mail is lost."""

import email
import email.policy
import smtplib
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.utils import timezone

from accounts.enums import Outcome
from accounts.models import AuditEvent
from config.lib import work
from meetings import actions
from meetings.invitations import calendar
from meetings.invitations.actions import MAX_INVITED, emails_of, retry, send
from meetings.models import Invitation, InvitationMail, Meeting
from meetings.tasks import send_invitation
from rooms.enums import RoomType
from rooms.models import GuestInvite, Room
from rooms.secrets import digest_of
from tests.factories import make_meeting, make_user

pytestmark = pytest.mark.django_db

STARTS = datetime(2026, 11, 12, 15, tzinfo=UTC)
PLAN = actions.Plan(starts_at=STARTS, duration_minutes=45, time_zone="Europe/Madrid")


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


class PostBox(locmem.EmailBackend):
    """Refuses as it is told to, before it takes anything."""

    refusals: list[Exception] = []

    def send_messages(self, messages):
        if self.refusals:
            raise self.refusals.pop()
        return super().send_messages(messages)


@pytest.fixture
def refusing(settings):
    settings.EMAIL_BACKEND = f"{__name__}.PostBox"
    yield PostBox.refusals.append
    PostBox.refusals.clear()


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


def test_mail_says_when_in_the_meetings_zone_and_where(make, posted, owner):
    meeting = make()

    (message,) = posted()

    assert (message.subject, message.to, message.reply_to) == (
        "Invitation: Weekly planning",
        ["anna@example.com"],
        [owner.email],
    )
    assert message.body == (
        "Owner Tester invites you to “Weekly planning”.\n\n"
        "When: Nov. 12, 2026, 4 p.m. (Europe/Madrid), 45 min\n\n"
        "To come, open this link:\n"
        f"http://127.0.0.1:8000/m/{meeting.pk}\n\n"
        "Questions? Answer this mail: it goes to Owner Tester.\n"
    )


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


def test_titles_in_any_script_arrive(make, posted):
    title = "Planung: Füße, „Ziele“; 会議 " + "lang" * 40
    make(title=title)

    (message,) = posted()

    assert event_of(message)[1]["SUMMARY"] == title
    raw = message.message().as_bytes()
    read = email.message_from_bytes(raw, policy=email.policy.SMTP)
    assert read["Subject"].strip() == f"Invitation: {title}"
    assert max(map(len, raw.splitlines())) <= 998


def test_mail_is_in_the_language_of_the_invited_or_else_of_the_host(owner, posted):
    owner.language = "ru"
    owner.save()
    make_user("anna", language="en")
    make_user("boris", language="ru")
    invited = ["anna@example.com", "boris@example.com", "guest@example.com"]
    actions.create(title="Planning", host=owner, transcript_enabled=True, by=owner, plan=PLAN, invited=invited)

    dates = {message.to[0]: message.body for message in posted()}

    assert "Nov. 12, 2026, 4 p.m." in dates["anna@example.com"]
    assert "12 ноября 2026 г. 16:00" in dates["boris@example.com"]
    assert "12 ноября 2026 г. 16:00" in dates["guest@example.com"]


def test_meeting_without_a_time_is_no_event_yet(make, posted, owner):
    meeting = make(plan=None)
    first = posted()
    actions.update(meeting=meeting, changes={"starts_at": STARTS}, by=owner)

    (second,) = posted()

    assert [(message.alternatives, message.attachments) for message in first] == [([], [])]
    assert "When:" not in first[0].body
    method, event = event_of(second)
    assert (method, event["SEQUENCE"], event.end - event.start) == ("REQUEST", 1, timedelta(hours=1))
    assert "Nov. 12, 2026, 3 p.m. (UTC)" in second.body


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Other planning"},
        {"starts_at": STARTS + timedelta(days=1)},
        {"duration_minutes": 15},
        {"time_zone": "Asia/Tokyo"},
    ],
)
def test_change_is_told_with_a_higher_sequence(make, posted, owner, changes):
    meeting = make()
    posted()

    told = []
    for change in (changes, changes, {"title": "Last title"}):
        actions.update(meeting=meeting, changes=change, by=owner)
        told += posted()

    assert [message.subject.partition(":")[0] for message in told] == ["Changed", "Changed"]
    assert [event_of(message)[1]["SEQUENCE"] for message in told] == [1, 2]
    assert {event_of(message)[1]["UID"] for message in told} == {f"{meeting.pk}@tertulia"}
    assert event_of(told[1])[1]["SUMMARY"] == "Last title"


def test_what_does_not_concern_the_invited_is_not_told(make, posted, owner):
    meeting = make()
    posted()

    actions.update(meeting=meeting, changes={"transcript_enabled": False}, recording_id="one", by=owner)

    assert posted() == []


def test_change_of_what_is_over_is_not_told(make, posted, owner):
    meeting = make()
    posted()
    actions.end(meeting=meeting, by=owner)

    actions.update(meeting=meeting, changes={"title": "Other"}, by=owner)
    actions.delete(meeting=meeting, by=owner)

    assert posted() == []


def test_people_come_and_go_and_come_back(make, posted, owner):
    meeting = make()
    posted()
    steps = [["anna@example.com", "ben@example.com"], ["ben@example.com"], ["ben@example.com", "Anna@example.com"]]

    told = []
    for invited in steps:
        actions.update(meeting=meeting, changes={}, invited=invited, by=owner)
        told += [
            (message.to[0], message.subject, method, event["STATUS"], event["SEQUENCE"])
            for message in posted()
            for method, event in [event_of(message)]
        ]

    assert told == [
        ("ben@example.com", "Invitation: Weekly planning", "REQUEST", "CONFIRMED", 1),
        ("anna@example.com", "No longer invited: Weekly planning", "CANCEL", "CANCELLED", 2),
        ("anna@example.com", "Invitation: Weekly planning", "REQUEST", "CONFIRMED", 3),
    ]
    assert emails_of(meeting) == ["anna@example.com", "ben@example.com"]


def test_deletion_calls_the_meeting_off(make, posted, owner):
    meeting = make(invited=["anna@example.com", "ben@example.com"])
    posted()

    actions.delete(meeting=meeting, by=owner)

    told = posted()
    assert [(message.to[0], message.subject) for message in told] == [
        ("anna@example.com", "Called off: Weekly planning"),
        ("ben@example.com", "Called off: Weekly planning"),
    ]
    assert "open this link" not in told[0].body
    method, event = event_of(told[0])
    assert (method, event["STATUS"], event["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    assert event["UID"] == f"{meeting.pk}@tertulia"
    assert not Invitation.objects.exists()


def test_mail_that_a_later_one_made_void_is_not_sent(make, posted, owner):
    meeting = make()
    actions.update(meeting=meeting, changes={"title": "Other planning"}, by=owner)

    told = posted()

    assert [message.subject for message in told] == ["Changed: Other planning"]
    assert set(InvitationMail.objects.values_list("state", flat=True)) == {"done"}


def test_nothing_of_what_a_mail_said_is_kept_once_it_has_left(make, posted):
    make()
    assert InvitationMail.objects.get().content["title"] == "Weekly planning"

    posted()

    assert InvitationMail.objects.get().content == {}


def test_meeting_that_is_not_made_invites_nobody(owner, settings):
    settings.KEYS_DIR.write_text("no folder")

    with pytest.raises(OSError, match="keys"):
        actions.create(title="Planning", host=owner, transcript_enabled=True, by=owner, invited=["a@example.com"])

    assert not InvitationMail.objects.exists()


@pytest.fixture
def update(api, owner):
    def send(meeting, **changes) -> int:
        api.force_authenticate(owner)
        return api.post(f"/meetings/update/{meeting.pk}", changes, format="json").status_code

    return send


@pytest.fixture
def mails(settings):
    """Set how many mails a user may have sent in an hour."""

    def set_rate(count):
        settings.RATES = {**settings.RATES, "RATE_INVITE": f"{count}/h"}

    return set_rate


def addresses(count):
    return [f"{number}@example.com" for number in range(count)]


def test_each_mail_is_counted(make, update, owner, mails):
    mails(6)
    meeting = make(invited=addresses(3))

    # One comes, one goes; nothing is new to the two others, and the host gets no mail.
    changed = update(meeting, invited=[*addresses(2), "ben@example.com", owner.email])
    refused = [update(meeting, title="Other"), update(meeting, invited=addresses(3))]

    meeting.refresh_from_db()
    assert (changed, refused, meeting.title) == (204, [429, 429], "Weekly planning")
    assert (InvitationMail.objects.count(), len(emails_of(meeting))) == (5, 3)
    row = AuditEvent.objects.get(outcome=Outcome.LIMITED)
    assert (row.user_id, row.resource["rate"]) == (owner.pk, "RATE_INVITE")


def test_change_is_counted_once_for_each_who_is_told(make, update, mails):
    mails(4)
    meeting = make(invited=addresses(2))

    assert [update(meeting, title=title) for title in ("Second", "Third")] == [204, 429]


def test_meeting_that_would_send_too_many_mails_is_not_made(api, owner, mails):
    mails(2)
    api.force_authenticate(owner)
    body = {"title": "Planning", "hostId": owner.pk, "transcriptEnabled": True, "invited": addresses(3)}

    answer = api.post("/meetings/create", body, format="json")

    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert (Meeting.objects.count(), InvitationMail.objects.count()) == (0, 0)


def test_what_sends_no_mail_is_not_counted(make, update, owner, mails):
    mails(1)
    meeting = make()
    over = make_meeting(owner)

    allowed = [
        update(meeting, title="Weekly planning", invited=["anna@example.com"]),
        update(meeting, transcriptEnabled=False),
        update(over, title="Over"),
    ]

    assert allowed == [204, 204, 204]
    assert update(meeting, invited=[]) == 429


# Guests


def secret_in(message) -> str:
    link = next(line for line in message.body.splitlines() if line.startswith("http"))
    return link.partition("?invite=")[2]


@pytest.mark.parametrize(("kind", "role"), [(RoomType.MEETING, "participant"), (RoomType.WEBINAR, "viewer")])
def test_guest_gets_a_link_that_lets_them_in(make, posted, owner, kind, role):
    make_user("anna")
    room = Room.objects.create(name="Planning", owner=owner, type=kind, is_private=True)
    starts_at = timezone.now() + timedelta(days=30)
    make(room=room, plan={"starts_at": starts_at}, invited=["anna@example.com", "guest@example.com"])

    to_anna, to_guest = posted()

    assert f"http://127.0.0.1:8000/r/{room.pk}\n" in to_anna.body
    invite = GuestInvite.objects.get()
    assert invite.secret_hash == digest_of(secret_in(to_guest))
    assert (invite.room, invite.role, invite.created_by) == (room, role, owner)
    assert invite.expires_at == starts_at + timedelta(days=1)


@pytest.mark.parametrize(
    ("starts_at", "days"),
    [
        (None, 7),
        (datetime(1, 1, 1, tzinfo=UTC), 1),
        (datetime.max.replace(tzinfo=UTC), 366),
    ],
)
def test_guest_may_come_as_long_as_invitations_last(make, posted, owner, starts_at, days):
    room = Room.objects.create(name="Planning", owner=owner)
    make(room=room, plan={"starts_at": starts_at, "time_zone": "Asia/Tokyo"})

    assert len(posted()) == 1

    left = GuestInvite.objects.get().expires_at - timezone.now()
    assert abs(left - timedelta(days=days)) < timedelta(minutes=1)


def test_link_of_a_guest_is_worthless_after_a_change_a_removal_and_the_end(make, posted, owner):
    room = Room.objects.create(name="Planning", owner=owner)
    invited = ["a@example.com", "b@example.com"]
    meeting = make(room=room, invited=invited)
    secrets = {secret_in(message) for message in posted()}

    actions.update(meeting=meeting, changes={"title": "Other"}, by=owner)
    later = {secret_in(message) for message in posted()}
    open_after_change = set(GuestInvite.objects.open().values_list("secret_hash", flat=True))
    actions.update(meeting=meeting, changes={}, invited=invited[:1], by=owner)
    open_after_removal = GuestInvite.objects.open().count()
    actions.delete(meeting=meeting, by=owner)

    assert open_after_change == {digest_of(secret) for secret in later}
    assert not secrets & later
    assert (open_after_removal, GuestInvite.objects.open().count()) == (1, 0)


def test_only_who_hosts_the_room_lets_guests_in(make, posted, owner, stranger):
    room = Room.objects.create(name="Planning", owner=owner)
    meeting = make(room=room)
    posted()
    Room.objects.filter(pk=room.pk).update(owner=stranger)

    actions.update(meeting=meeting, changes={"title": "Other"}, by=owner)

    assert [secret_in(message) for message in posted()] == [""]
    assert not GuestInvite.objects.open().exists()


# The work of sending


def test_mail_is_tried_again_when_the_server_is_away(make, refusing):
    refusing(ConnectionRefusedError())
    make()
    unit = InvitationMail.objects.get()

    work.run(InvitationMail, unit.pk, send)

    unit.refresh_from_db()
    assert (unit.state, unit.error_code) == ("queued", "mail_not_sent")
    assert unit.error_message == "The mail was not sent: ConnectionRefusedError."
    assert timedelta(seconds=10) < unit.not_before - timezone.now() < timedelta(seconds=20)
    InvitationMail.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    work.run(InvitationMail, unit.pk, send)
    unit.refresh_from_db()
    assert (unit.state, len(mail.outbox)) == ("done", 1)


def test_mail_server_is_given_two_hours():
    unit = InvitationMail()

    waits = []
    for unit.attempts in range(1, InvitationMail.max_attempts()):
        waits.append(unit.backoff_seconds())

    assert waits == sorted(waits)
    assert 7000 < sum(waits) < 8000


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (smtplib.SMTPRecipientsRefused({"anna@example.com": (550, b"anna@example.com: unknown")}), "parked"),
        (smtplib.SMTPRecipientsRefused({"anna@example.com": (450, b"anna@example.com: later")}), "queued"),
        (UnicodeEncodeError("ascii", "ä", 0, 1, "no"), "parked"),
    ],
)
def test_mail_that_is_never_taken_is_parked_without_its_address(make, refusing, error, state):
    refusing(error)
    make()
    unit = InvitationMail.objects.get()

    work.run(InvitationMail, unit.pk, send)

    unit.refresh_from_db()
    assert (unit.state, unit.error_message) == (state, f"The mail was not sent: {type(error).__name__}.")


def test_parked_mail_is_tried_again_by_an_administrator(make, refusing, administrator, client):
    refusing(UnicodeError())
    make()
    unit = InvitationMail.objects.get()
    work.run(InvitationMail, unit.pk, send)
    client.force_login(administrator)
    form = {"action": "retry", "_selected_action": [unit.pk]}

    page = client.post("/admin/meetings/invitationmail/", form, follow=True)

    unit.refresh_from_db()
    assert (page.status_code, unit.state) == (200, "queued")
    row = AuditEvent.objects.get(action="RETRY")
    assert (row.user_id, row.resource) == (administrator.pk, {"meetingId": unit.meeting_id, "work": unit.pk})
    assert retry(work=unit, by=administrator) is False


def test_mail_that_was_cut_off_is_sent_again(make):
    """A kill between the sending and its commit: the calendar knows the second by UID and SEQUENCE."""
    make()
    unit = InvitationMail.objects.get()
    work.take(InvitationMail, unit.pk)
    InvitationMail.objects.update(lease_until=timezone.now() - timedelta(seconds=1))

    work.sweep()
    work.run(InvitationMail, unit.pk, send)

    assert len(mail.outbox) == 1


def test_task_sends_the_mail_whose_id_it_gets(make):
    make()

    send_invitation(InvitationMail.objects.get().pk)

    assert (len(mail.outbox), InvitationMail.objects.get().state) == (1, "done")


def test_everybody_may_be_invited_who_fits(make):
    make(invited=[f"{number}@example.com" for number in range(MAX_INVITED)])

    assert InvitationMail.objects.count() == MAX_INVITED


# What calendars read


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
