"""What is done to sessions: a room fills, people come and go, it is empty again."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
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
def join(*, session: Session, person: str, user: User | None = None, name: str = "", seat: str = "") -> Attendance:
    """Begin a stay.

    Raises:
        SessionIsOver.
    """
    # Others may join at the same time; ending and editing wait.
    row = Session.objects.select_for_update(no_key=True).get(pk=session.pk)
    if row.is_over:
        raise SessionIsOver
    return Attendance.objects.create(
        session=row, person=person, user=user, name=name, seat=seat, joined_at=timezone.now()
    )


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
