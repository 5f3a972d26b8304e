"""What is done to sessions: a room fills, people come and go, it is empty again."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from meetings.exceptions import SessionIsOver
from meetings.occupancy import Attendance, Session
from meetings.places import place_of
from rooms.models import Room


@transaction.atomic
def open_session(*, room: Room, domain: str, address: str = "") -> Session:
    """Give the open session of the room, or begin one.

    `domain` is the host part of the origin that opened it, `address` that of the host, where they are the one who came.
    """
    place = place_of(address, country=room.owner.country)
    begun = {
        "host": room.owner,
        "type": room.type,
        "domain": domain.lower(),
        "country_code": place.country_code,
        "country_name": place.country_name,
        "region": place.region,
        "city": place.city,
        "started_at": timezone.now(),
    }
    session, _ = Session.objects.get_or_create(room=room, ended_at=None, defaults=begun)
    return session


@transaction.atomic
def join(stays: Sequence[Attendance]) -> list[Attendance]:
    """Begin stays, of which session and person are known, in as few queries for many as for one.

    Raises:
        SessionIsOver: one of the sessions is.
    """
    held = Session.objects.select_for_update(no_key=True).filter(pk__in={stay.session_id for stay in stays})
    # Others may join at the same time; ending and editing wait.
    sessions = {session.pk: session for session in held.order_by("pk")}
    if any(session.is_over for session in sessions.values()):
        raise SessionIsOver
    now = timezone.now()
    for stay in stays:
        stay.session, stay.joined_at = sessions[stay.session_id], now
        stay.repeat_session()
    return Attendance.objects.bulk_create(stays)


@transaction.atomic
def leave(*, attendance: Attendance, reason: str = "") -> None:
    """End a stay; one that has ended stays as it is, whether by leaving or with the session."""
    Attendance.objects.filter(pk=attendance.pk, left_at=None).update(left_at=timezone.now(), reason=reason)


@transaction.atomic
def close_session(*, session: Session, reason: str = "") -> None:
    """End the session, with all stays in it; one that is over stays as it is."""
    row = Session.objects.select_for_update().get(pk=session.pk)
    if row.is_over:
        return
    row.ended_at = timezone.now()
    row.attendances.filter(left_at=None).update(left_at=row.ended_at, reason=reason)
    row.save(update_fields=["ended_at"])
