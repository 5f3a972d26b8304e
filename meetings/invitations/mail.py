"""The mail that an invited person gets: words in their language, and the same for their calendar."""

import smtplib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.mail import FAILURES
from meetings.enums import CANCELLING
from meetings.exceptions import MailNotSent
from meetings.invitations import calendar
from meetings.models import InvitationMail
from meetings.zones import written


@dataclass(frozen=True)
class Content:
    """What a mail says, as it is kept until the mail has left."""

    title: str
    # ISO 8601; None where no time is planned yet.
    starts_at: str | None
    minutes: int | None
    time_zone: str
    host_name: str
    host_email: str
    link: str
    language: str

    @property
    def moment(self) -> datetime | None:
        return datetime.fromisoformat(self.starts_at) if self.starts_at else None


def send(mail: InvitationMail) -> None:
    """Hand the mail to the mail server.

    A repetition does no harm: calendars know an event by its UID and SEQUENCE.

    Raises:
        MailNotSent: of the error only the kind is told, since a server that refuses a mail repeats its address.
    """
    try:
        _message(mail, Content(**mail.content)).send()
    except FAILURES as error:
        raise MailNotSent(type(error).__name__, temporary=not _is_final(error)) from error


def _message(mail: InvitationMail, content: Content) -> EmailMultiAlternatives:
    with translation.override(content.language):
        context = _context(mail, content)
        subject = render_to_string("meetings/invitation_subject.txt", context).strip()
        body = render_to_string("meetings/invitation_email.txt", context)
    message = EmailMultiAlternatives(
        subject, body, settings.DEFAULT_FROM_EMAIL, [mail.email], reply_to=[content.host_email]
    )
    # Without a time there is nothing that a calendar could show.
    if content.moment is not None:
        _attach(message, mail, content, content.moment, body)
    return message


def _context(mail: InvitationMail, content: Content) -> dict[str, Any]:
    return {
        "kind": mail.kind,
        "is_off": mail.kind in CANCELLING,
        "content": content,
        "when": written(content.moment, content.time_zone),
        "zone": content.time_zone,
    }


def _attach(
    message: EmailMultiAlternatives, mail: InvitationMail, content: Content, starts_at: datetime, body: str
) -> None:
    """Add the event, to be shown in place of the words (RFC 6047, 2.4), and as a file for whoever opens those."""
    event = calendar.Event(
        uid=f"{mail.meeting_id}@tertulia",
        sequence=mail.sequence,
        title=content.title,
        description=body,
        link=content.link,
        starts_at=starts_at,
        minutes=content.minutes,
        host_name=content.host_name,
        host_email=content.host_email,
        invited_email=mail.email,
    )
    method, write = ("CANCEL", calendar.cancel) if mail.kind in CANCELLING else ("REQUEST", calendar.request)
    written_event = write(event, at=timezone.now())
    message.attach_alternative(written_event.decode(), f"text/calendar; method={method}")
    # As bytes: of a text that is no `text/…` Django would write what is not ASCII as escapes.
    message.attach("invite.ics", written_event, "application/ics")


def _is_final(error: Exception) -> bool:
    """Say whether the server will never take this mail: it said so, or the address cannot even be written."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, UnicodeError)
