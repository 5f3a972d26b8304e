"""Coming into a room and leaving it: stays, and the meeting that begins and ends by itself."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from meetings import attending
from meetings.actions import meetings, people
from meetings.models import Attendance, Meeting
from rooms.models import Room
from rooms.realtime import publishing
from rooms.realtime.standing import Visit


@dataclass(frozen=True, kw_only=True)
class Comer:
    """Somebody who took a seat."""

    seat: str
    person: str
    name: str
    visit: Visit = Visit()


def arrive(*, room_id: str, seat: str, person: str, name: str, visit: Visit) -> Meeting | None:
    """Note that somebody sits in a room: see `arrive_together`."""
    return arrive_together(room_id=room_id, comers=[Comer(seat=seat, person=person, name=name, visit=visit)])


@transaction.atomic
def arrive_together(*, room_id: str, comers: Sequence[Comer]) -> Meeting | None:
    """Note that people sit in a room, once, however often it is said; give the meeting that runs there by now.

    With whoever comes first begins the meeting that is planned; with the host, where there is none, one of the room's
    name.

    Raises:
        rooms.exceptions.RoomNotFound.
    """
    room = Room.objects.locked(room_id)
    users = User.objects.in_bulk([comer.person for comer in comers])
    stays = _begin_stays(room, comers, users)
    running = Meeting.objects.running_in(room_id)
    if running is None:
        return _begin(room, users.get(room.owner_id) or users.get(comers[0].person))
    people.follow_arrivals(meeting=running, stays=stays)
    return running


@transaction.atomic
def leave(*, seat: str, reason: str) -> None:
    """Note that a seat was given up, and why; who has left already has left."""
    stays = Attendance.objects.select_related("session").filter(seat=seat, left_at=None)
    room_id = stays.values_list("session__room", flat=True).first()
    # Whoever comes at the same time waits, or is waited for. Of a room that was deleted nothing is left to lock.
    Room.objects.select_for_update(no_key=True).filter(pk=room_id).first()
    stay = stays.first()
    if stay is None:
        return
    attending.leave(attendance=stay, reason=reason)
    stay.refresh_from_db()
    if not stay.session.attendances.filter(left_at=None).exists():
        attending.close_session(session=stay.session)
    meeting = Meeting.objects.running_in(room_id)
    if meeting is not None:
        people.follow_departure(meeting=meeting, stay=stay)


def end_left() -> None:
    """End the meetings whose rooms everybody left MEETING_LEFT_SECONDS ago."""
    before = timezone.now() - timedelta(seconds=settings.MEETING_LEFT_SECONDS)
    for meeting in Meeting.objects.left_before(before):
        _end_left(meeting, before)


class LostStays:
    """Ends the stays of seats that nobody knows: their process was killed, and Redis, where others find what it held,
    was emptied.

    Processes that live write what they know into an emptied Redis within a second or two. So a seat is lost that is
    unknown twice in a row.
    """

    def __init__(self) -> None:
        self._unknown: Collection[str] = frozenset()

    def end(self) -> None:
        """Raises: redis.exceptions.RedisError: nothing is known of anybody, so nobody has left."""
        stays = Attendance.objects.filter(left_at=None).exclude(seat="").values_list("session__room", "seat")
        taken: dict[str | None, Collection[str]] = {None: ()}
        unknown = set()
        for room_id, seat in stays:
            if room_id not in taken:
                taken[room_id] = publishing.taken_seats(room_id)
            if seat not in taken[room_id]:
                unknown.add(seat)
        for seat in unknown & {*self._unknown}:
            leave(seat=seat, reason="lost")
        self._unknown = unknown


def _begin_stays(room: Room, comers: Sequence[Comer], users: Mapping[str, User]) -> list[Attendance]:
    known = {*Attendance.objects.filter(seat__in=[comer.seat for comer in comers], left_at=None).values_list("seat")}
    new = {comer.seat: comer for comer in comers if (comer.seat,) not in known}
    if not new:
        return []
    first = next((comer for comer in new.values() if comer.person == room.owner_id), next(iter(new.values())))
    address = first.visit.address if first.person == room.owner_id else ""
    session = attending.open_session(room=room, domain=first.visit.domain, address=address)
    return [
        attending.join(
            session=session, person=comer.person, user=users.get(comer.person), name=comer.name, seat=comer.seat
        )
        for comer in new.values()
    ]


def _begin(room: Room, user: User | None) -> Meeting | None:
    """Begin the meeting that the room waits for."""
    meeting = Meeting.objects.awaited_in(room)
    if meeting is None and user is not None and user.pk == room.owner_id:
        meeting = meetings.create(
            title=room.name, host=user, transcript_enabled=user.has_feature("transcripts"), by=user, room=room
        )
    return meetings.start(meeting=meeting, by=user) if meeting else None


@transaction.atomic
def _end_left(meeting: Meeting, before: datetime) -> None:
    Room.objects.select_for_update(no_key=True).filter(pk=meeting.room_id).first()
    # Somebody may have come meanwhile.
    if Meeting.objects.left_before(before).filter(pk=meeting.pk).exists():
        meetings.end(meeting=meeting, by=None)
