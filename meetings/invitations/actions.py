"""Asking people to come: who is invited, and the mails that tell them."""

from collections.abc import Collection
from dataclasses import asdict

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import User
from config.lib.work import Lease, enqueue, requeue
from meetings.enums import InvitationKind
from meetings.invitations import mail
from meetings.models import Invitation, InvitationMail, Meeting

# A mail server takes so many at once without taking it for spam, and a form still shows them.
MAX_INVITED = 200


def emails_of(meeting: Meeting) -> list[str]:
    """Give the addresses of those who are invited, in the order in which they were."""
    invited = Invitation.objects.filter(meeting=meeting, cancelled_at=None).order_by("pk")
    return list(invited.values_list("email", flat=True))


def replace(*, meeting: Meeting, emails: Collection[str], is_changed: bool = False) -> None:
    """Make these the invited people, in the caller's transaction, and tell each what is new to them.

    Whoever stays is told only of a change of the meeting, `is_changed`. The meeting's row is the caller's to lock.
    """
    wanted = {email.strip().lower() for email in emails} - {meeting.host.email}
    before = set(emails_of(meeting))
    added, removed = wanted - before, before - wanted
    if (added or removed or is_changed) and Invitation.objects.filter(meeting=meeting).exists():
        meeting.invitation_sequence += 1
        meeting.save(update_fields=["invitation_sequence"])
    for email in sorted(added):
        Invitation.objects.update_or_create(meeting=meeting, email=email, defaults={"cancelled_at": None})
    Invitation.objects.filter(meeting=meeting, email__in=removed).update(cancelled_at=timezone.now())
    _tell(meeting, added, InvitationKind.INVITED)
    _tell(meeting, removed, InvitationKind.REMOVED)
    if is_changed:
        _tell(meeting, wanted & before, InvitationKind.CHANGED)


def call_off(*, meeting: Meeting) -> None:
    """Tell everybody who is invited that the meeting is off, in the caller's transaction."""
    meeting.invitation_sequence += 1
    _tell(meeting, emails_of(meeting), InvitationKind.OFF)


def send(lease: Lease[InvitationMail]) -> None:
    """Send one mail, unless a later one has made it void, and forget what it said.

    Raises:
        meetings.exceptions.MailNotSent.
    """
    unit = lease.work
    later = InvitationMail.objects.filter(
        meeting_id=unit.meeting_id, email=unit.email, sequence__gt=unit.sequence
    ).exists()
    if not later:
        mail.send(unit)
    with lease.commit(done=True) as row:
        row.content = {}


@transaction.atomic
def retry(*, work: InvitationMail, by: User) -> bool:
    """Give a parked mail a fresh set of attempts; False where it was not parked."""
    if not requeue(work):
        return False
    audit.record("RETRY", by=by, resource={"meetingId": work.meeting_id, "work": work.pk})
    return True


def link_of(meeting: Meeting) -> str:
    """Give the address at which people come together: the room's, or else the meeting's own page."""
    path = f"/r/{meeting.room_id}" if meeting.room_id else reverse("meeting", args=[meeting.pk])
    return settings.PUBLIC_URL.rstrip("/") + path


def _tell(meeting: Meeting, emails: Collection[str], kind: InvitationKind) -> None:
    languages = dict(User.objects.filter(email__in=emails, is_active=True).values_list("email", "language"))
    for email in sorted(emails):
        content = _content(meeting, languages.get(email, meeting.host.language))
        enqueue(
            InvitationMail(
                meeting_id=meeting.pk,
                email=email,
                kind=kind,
                sequence=meeting.invitation_sequence,
                content=asdict(content),
            )
        )


def _content(meeting: Meeting, language: str) -> mail.Content:
    return mail.Content(
        title=meeting.title,
        starts_at=meeting.starts_at.isoformat() if meeting.starts_at else None,
        minutes=meeting.duration_minutes,
        time_zone=meeting.time_zone,
        # A name may hold what a line of a mail's head must not.
        host_name=" ".join(meeting.host.full_name.split()),
        host_email=meeting.host.email,
        link=link_of(meeting),
        language=language,
    )
