"""Asking people to come: who is invited, and the mails that tell them."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import audit, limits, trail
from accounts.models import User
from config.lib.work import Lease, enqueue, requeue
from meetings.enums import CANCELLING, InvitationKind
from meetings.invitations import mail
from meetings.models import Invitation, InvitationMail, Meeting
from rooms.actions import invites as guests
from rooms.enums import RoomRole, lower_of
from rooms.links import join_url
from rooms.rules import is_host

# A mail server takes so many at once without taking it for spam, and a form still shows them.
MAX_INVITED = 200


def emails_of(meeting: Meeting) -> list[str]:
    """Give the addresses of those who are invited, in the order in which they were."""
    invited = Invitation.objects.filter(meeting=meeting, cancelled_at=None).order_by("pk")
    return list(invited.values_list("email", flat=True))


def check_rate(*, meeting: Meeting, emails: Collection[str], by: User, is_changed: bool = False) -> None:
    """Count the mails that `replace` would send; outside its transaction, so that a refusal is audited.

    Raises:
        config.lib.errors.RateLimited.
    """
    wanted, before = _wanted(meeting, emails), set(emails_of(meeting))
    mails = wanted | before if is_changed else wanted ^ before
    if mails:
        limits.check("RATE_INVITE", by=by, address=trail.current().address, calls=len(mails))


def replace(*, meeting: Meeting, emails: Collection[str], by: User, is_changed: bool = False) -> None:
    """Make these the invited people, in the caller's transaction, and tell each what is new to them.

    Whoever stays is told only of a change of the meeting, `is_changed`. The meeting's row is the caller's to lock.
    """
    wanted, before = _wanted(meeting, emails), set(emails_of(meeting))
    added, removed = wanted - before, before - wanted
    if (added or removed or is_changed) and Invitation.objects.filter(meeting=meeting).exists():
        meeting.invitation_sequence += 1
        meeting.save(update_fields=["invitation_sequence"])
    for email in sorted(added):
        values = {"cancelled_at": None, "created_at": timezone.now()}
        Invitation.objects.update_or_create(meeting=meeting, email=email, defaults=values)
    _tell(meeting, added, InvitationKind.INVITED, by)
    if is_changed:
        _tell(meeting, wanted & before, InvitationKind.CHANGED, by)
    _tell(meeting, removed, InvitationKind.REMOVED, by)
    Invitation.objects.filter(meeting=meeting, email__in=removed).update(cancelled_at=timezone.now())


def call_off(*, meeting: Meeting, by: User) -> None:
    """Tell everybody who is invited that the meeting is off, in the caller's transaction."""
    meeting.invitation_sequence += 1
    _tell(meeting, emails_of(meeting), InvitationKind.OFF, by)


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


def link_of(meeting: Meeting, *, invite: str = "") -> str:
    """Give the address at which people come together: the room's, or else the meeting's own page."""
    if meeting.room_id:
        return join_url(meeting.room_id, invite=invite)
    return settings.PUBLIC_URL + reverse("meeting", args=[meeting.pk])


def _wanted(meeting: Meeting, emails: Collection[str]) -> set[str]:
    return {email.strip().lower() for email in emails} - {meeting.host.email}


def _tell(meeting: Meeting, emails: Collection[str], kind: InvitationKind, by: User) -> None:
    languages = dict(User.objects.filter(email__in=emails, is_active=True).values_list("email", "language"))
    for row in Invitation.objects.filter(meeting=meeting, email__in=emails, cancelled_at=None).order_by("pk"):
        is_guest = row.email not in languages and kind not in CANCELLING
        invite = _renew_guest_invite(meeting, row, is_guest=is_guest, by=by)
        content = _content(meeting, languages.get(row.email, meeting.host.language), link_of(meeting, invite=invite))
        enqueue(
            InvitationMail(
                meeting_id=meeting.pk,
                email=row.email,
                kind=kind,
                sequence=meeting.invitation_sequence,
                content=asdict(content),
            )
        )


def _renew_guest_invite(meeting: Meeting, row: Invitation, *, is_guest: bool, by: User) -> str:
    """Make worthless what the last mail brought, and give a guest the secret for the next; of an old one nobody knows.

    Only who hosts a room lets guests into it, also where a meeting of theirs stayed in it.
    """
    if row.guest_invite is not None:
        guests.revoke(room=row.guest_invite.room, invite_id=row.guest_invite.pk, by=by)
    row.guest_invite, secret = None, ""
    if is_guest and meeting.room is not None and is_host(meeting.host, meeting.room):
        role = lower_of(RoomRole.PARTICIPANT, meeting.room.newcomer_role)
        row.guest_invite, secret = guests.invite(room=meeting.room, role=role, expires_at=_last_day(meeting), by=by)
    row.save(update_fields=["guest_invite"])
    return secret


def _last_day(meeting: Meeting) -> datetime | None:
    """Say until when guests may come: a day after the meeting begins, as far as invitations last."""
    if meeting.starts_at is None:
        return None
    now, day = timezone.now(), timedelta(days=1)
    return min(max(meeting.starts_at, now), now + guests.LONGEST_LIFE - day) + day


def _content(meeting: Meeting, language: str, link: str) -> mail.Content:
    return mail.Content(
        title=meeting.title,
        starts_at=meeting.starts_at.isoformat() if meeting.starts_at else None,
        minutes=meeting.duration_minutes,
        time_zone=meeting.time_zone,
        # A name may hold what a line of a mail's head must not.
        host_name=" ".join(meeting.host.full_name.split()),
        host_email=meeting.host.email,
        link=link,
        language=language,
    )
