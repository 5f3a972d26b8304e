"""Who is in a meeting that runs, as people come into its room and leave it; the room is locked by who calls this."""

from collections.abc import Iterable, Sequence

from django.db.models import Max, Q

from config.lib import facts
from meetings import attending
from meetings.models import Attendance, Meeting, Participant, Session

ENDED = "meeting_ended"

# Stays, each with the meeting that runs in its room.
Stays = Sequence[tuple[Meeting, Attendance]]


def follow_arrivals(*, stays: Stays) -> None:
    """Have whoever came among the participants; it is a fact that they joined unless they sit elsewhere too."""
    _note(stays)
    there = Attendance.objects.filter(session__in={stay.session_id for _, stay in stays}, left_at=None)
    others = there.filter(person__in={stay.person for _, stay in stays}).exclude(pk__in=[stay.pk for _, stay in stays])
    known = {*others.values_list("session", "person")}
    _state("participant_joined", [pair for pair in stays if (pair[1].session_id, pair[1].person) not in known])


def follow_departure(*, meeting: Meeting, stay: Attendance) -> None:
    there = Attendance.objects.filter(session=stay.session_id, person=stay.person, left_at=None)
    if not there.exclude(pk=stay.pk).exists():
        _state("participant_left", [(meeting, stay)])


def follow_start(*, meeting: Meeting) -> None:
    """Take those into the meeting who were in its room before it started."""
    stays = [(meeting, stay) for stay in Attendance.objects.in_room(meeting.room_id)]
    _note(stays)
    _state("participant_joined", stays)


def send_away(*, meeting: Meeting) -> None:
    """End the session of the meeting's room with all stays."""
    there = [stay.pk for stay in Attendance.objects.in_room(meeting.room_id)]
    for session in Session.objects.filter(room=meeting.room_id, ended_at=None):
        attending.close_session(session=session, reason=ENDED)
    gone = Attendance.objects.filter(pk__in=there).order_by("pk")
    _state("participant_left", [(meeting, stay) for stay in gone])


def _state(fact: str, stays: Stays) -> None:
    """State a fact of people, once of each, on however many seats they are."""
    first = _first_of_each(stays)
    if first:
        facts.state(fact, stays=first)


def _note(stays: Stays) -> None:
    unknown = _unknown(stays)
    if not unknown:
        return
    # Whoever speaks becomes a participant too, while the meeting's row is locked: so the second look is sure.
    held = Meeting.objects.lock_together(meeting.pk for meeting, _ in unknown)
    unknown = _unknown([(meeting, stay) for meeting, stay in unknown if meeting.pk in held])
    counted = Participant.objects.filter(meeting__in=held).values_list("meeting").annotate(Max("position"))
    last: dict[str, int] = dict(counted.order_by())
    new = []
    for meeting, stay in unknown:
        last[meeting.pk] = position = last.get(meeting.pk, -1) + 1
        new.append(_participant(meeting, stay, position))
    Participant.objects.bulk_create(new)


def _participant(meeting: Meeting, stay: Attendance, position: int) -> Participant:
    return Participant(
        meeting=meeting,
        name=stay.name or stay.person,
        position=position,
        user_id=stay.user_id,
        guest="" if stay.user_id else stay.person,
    )


def _unknown(stays: Stays) -> Stays:
    """Give those, one stay of each, who are no participants yet."""
    people = [stay.person for _, stay in stays]
    theirs = Participant.objects.filter(meeting__in={meeting.pk for meeting, _ in stays})
    rows = theirs.filter(Q(user__in=people) | Q(guest__in=people))
    known = {(meeting_id, user or guest) for meeting_id, user, guest in rows.values_list("meeting", "user", "guest")}
    return [
        (meeting, stay)
        for meeting, stay in _first_of_each(stays)
        if (meeting.pk, stay.user_id or stay.person) not in known
    ]


def _first_of_each(stays: Iterable[tuple[Meeting, Attendance]]) -> Stays:
    found: dict[tuple[str, str], tuple[Meeting, Attendance]] = {}
    for meeting, stay in stays:
        found.setdefault((meeting.pk, stay.person), (meeting, stay))
    return [*found.values()]
