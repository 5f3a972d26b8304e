"""Coming into a room and leaving it: stays, and the meeting that begins and ends by itself."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from meetings import attending
from meetings.actions import meetings, people
from meetings.models import Attendance, Meeting, Session
from rooms.models import Room
from rooms.realtime import publishing
from rooms.realtime.standing import Visit


@dataclass(frozen=True, kw_only=True)
class Comer:
    """Somebody who took a seat in a room."""

    room_id: str
    seat: str
    person: str
    name: str
    visit: Visit = Visit()


@transaction.atomic
def arrive(comers: Sequence[Comer]) -> dict[str, Meeting | None]:
    """Note that people sit in rooms, once, however often it is said; give the meeting that runs in each room by now,
    without rooms that were deleted. The queries are few, however many come into however many rooms.

    With whoever comes first begins the meeting that is planned; with the host, where there is none, one of the room's
    name.
    """
    rooms = Room.objects.locked_together(comer.room_id for comer in comers)
    there = [comer for comer in comers if comer.room_id in rooms]
    users = User.objects.in_bulk({comer.person for comer in there})
    stays = _begin_stays(rooms, there, users)
    running = Meeting.objects.running_in_each(rooms)
    people.follow_arrivals(stays=[(running[room_id], stay) for room_id, stay in stays if room_id in running])
    return {**_begin_all(rooms.keys() - running.keys(), rooms, there, users), **running}


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


def _begin_stays(
    rooms: Mapping[str, Room], comers: Sequence[Comer], users: Mapping[str, User]
) -> list[tuple[str, Attendance]]:
    """Give the stays that are new, each with its room."""
    seats = Attendance.objects.filter(seat__in=[comer.seat for comer in comers], left_at=None)
    known = {*seats.values_list("seat", flat=True)}
    new = {comer.seat: comer for comer in comers if comer.seat not in known}
    sessions = _sessions(rooms, [*new.values()])
    stays = [
        Attendance(
            session=sessions[comer.room_id],
            person=comer.person,
            user=users.get(comer.person),
            name=comer.name,
            seat=comer.seat,
        )
        for comer in new.values()
    ]
    return [(comer.room_id, stay) for comer, stay in zip(new.values(), attending.join(stays), strict=True)]


def _sessions(rooms: Mapping[str, Room], comers: Sequence[Comer]) -> dict[str, Session]:
    """Give the open session of each room that somebody comes into, or begin it."""
    comers_of = _by_room(comers)
    found = {session.room_id or "": session for session in Session.objects.filter(room__in=comers_of, ended_at=None)}
    for room_id in comers_of.keys() - found.keys():
        room, those = rooms[room_id], comers_of[room_id]
        first = next((comer for comer in those if comer.person == room.owner_id), those[0])
        address = first.visit.address if first.person == room.owner_id else ""
        found[room_id] = attending.open_session(room=room, domain=first.visit.domain, address=address)
    return found


def _begin_all(
    room_ids: Collection[str], rooms: Mapping[str, Room], comers: Sequence[Comer], users: Mapping[str, User]
) -> dict[str, Meeting | None]:
    """Begin the meetings that rooms wait for, in which none runs."""
    awaited = Meeting.objects.awaited_in_each(room_ids) if room_ids else {}
    comers_of = _by_room(comers)
    begun = {}
    for room_id in sorted(room_ids):
        room, those = rooms[room_id], [comer.person for comer in comers_of[room_id]]
        first = room.owner_id if room.owner_id in those else those[0]
        begun[room_id] = _begin(room, awaited.get(room_id), users.get(first))
    return begun


def _begin(room: Room, meeting: Meeting | None, user: User | None) -> Meeting | None:
    if meeting is None and user is not None and user.pk == room.owner_id:
        meeting = meetings.create(
            title=room.name, host=user, transcript_enabled=user.has_feature("transcripts"), by=user, room=room
        )
    return meetings.start(meeting=meeting, by=user) if meeting else None


def _by_room(comers: Sequence[Comer]) -> dict[str, list[Comer]]:
    found: dict[str, list[Comer]] = defaultdict(list)
    for comer in comers:
        found[comer.room_id].append(comer)
    return found


@transaction.atomic
def _end_left(meeting: Meeting, before: datetime) -> None:
    Room.objects.select_for_update(no_key=True).filter(pk=meeting.room_id).first()
    # Somebody may have come meanwhile.
    if Meeting.objects.left_before(before).filter(pk=meeting.pk).exists():
        meetings.end(meeting=meeting, by=None)
