"""Inviting guests, and taking invitations back."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from config.lib.ids import is_id
from rooms.enums import RoomRole
from rooms.exceptions import InvalidExpiry, InviteNotFound
from rooms.models import GuestInvite, Room
from rooms.secrets import digest_of, new_secret

LIFE = timedelta(days=7)
LONGEST_LIFE = timedelta(days=366)


@transaction.atomic
def invite(*, room: Room, role: RoomRole, expires_at: datetime | None, by: User) -> tuple[GuestInvite, str]:
    """Make an invitation that ends after a week unless another moment is named; give it with its secret, for once.

    Raises:
        InvalidExpiry: the moment is past, or more than a year away.
    """
    now = timezone.now()
    ends = expires_at or now + LIFE
    if not now < ends <= now + LONGEST_LIFE:
        said = "An invitation ends within a year from now."
        raise InvalidExpiry(said, expires_at=[said])
    Room.objects.locked(room.pk)
    secret = new_secret()
    made = GuestInvite.objects.create(
        room=room, secret_hash=digest_of(secret), role=role, expires_at=ends, created_by=by
    )
    audit.record("INVITE-GUESTS", by=by, resource={"roomId": room.pk, "inviteId": made.pk})
    return made, secret


@transaction.atomic
def revoke(*, room: Room, invite_id: str, by: User) -> None:
    """Make an invitation worthless; again changes nothing.

    Raises:
        InviteNotFound.
    """
    rows = GuestInvite.objects.select_for_update().filter(room=room, pk=invite_id)
    found = rows.first() if is_id(invite_id) else None
    if found is None:
        raise InviteNotFound
    if found.revoked_at is None:
        found.revoked_at = timezone.now()
        found.save(update_fields=["revoked_at"])
        audit.record("REVOKE-INVITE", by=by, resource={"roomId": room.pk, "inviteId": found.pk})
