"""What the mails say, in which language, and that none is lost."""

import email
import email.policy
import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.utils import timezone

from accounts.models import AuditEvent
from config.lib import work
from meetings import actions
from meetings.invitations.actions import retry, send
from meetings.models import InvitationMail
from meetings.tasks import send_invitation
from tests.factories import make_user
from tests.meetings.invitations.reading import PLAN, STARTS, event_of

pytestmark = pytest.mark.django_db


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
        "Where:\n"
        f"http://127.0.0.1:8000/m/{meeting.pk}\n\n"
        "Questions? Answer this mail: it goes to Owner Tester.\n"
    )


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


def test_nothing_of_what_a_mail_said_is_kept_once_it_has_left(make, posted):
    make()
    assert InvitationMail.objects.get().content["title"] == "Weekly planning"

    posted()

    assert InvitationMail.objects.get().content == {}


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
