"""Who is in a meeting that runs, as people come into its room and leave it; the room is locked by who calls this."""

from collections.abc import Iterable, Sequence

from django.db.models import Max

from config.lib import facts
from meetings import attending
from meetings.models import Attendance, Meeting, Participant, Session

ENDED = "meeting_ended"


def follow_arrivals(*, meeting: Meeting, stays: Sequence[Attendance]) -> None:
    """Have whoever came among the participants; it is a fact that they joined unless they sit elsewhere too."""
    _note(meeting, stays)
    there = Attendance.objects.filter(session__in={stay.session_id for stay in stays}, left_at=None)
    others = there.filter(person__in=[stay.person for stay in stays]).exclude(pk__in=[stay.pk for stay in stays])
    known = {*others.values_list("person", flat=True)}
    for stay in _first_of_each(stays):
        if stay.person not in known:
            facts.state("participant_joined", meeting=meeting, stay=stay)


def follow_departure(*, meeting: Meeting, stay: Attendance) -> None:
    if not _others(stay):
        facts.state("participant_left", meeting=meeting, stay=stay)


def follow_start(*, meeting: Meeting) -> None:
    """Take those into the meeting who were in its room before it started."""
    stays = _first_of_each(Attendance.objects.in_room(meeting.room_id))
    _note(meeting, stays)
    for stay in stays:
        facts.state("participant_joined", meeting=meeting, stay=stay)


def send_away(*, meeting: Meeting) -> None:
    """End the session of the meeting's room with all stays."""
    there = [stay.pk for stay in _first_of_each(Attendance.objects.in_room(meeting.room_id))]
    for session in Session.objects.filter(room=meeting.room_id, ended_at=None):
        attending.close_session(session=session, reason=ENDED)
    for stay in Attendance.objects.filter(pk__in=there).order_by("pk"):
        facts.state("participant_left", meeting=meeting, stay=stay)


def _note(meeting: Meeting, stays: Iterable[Attendance]) -> None:
    if not _unknown(meeting, stays):
        return
    # Whoever speaks becomes a participant too, while the meeting's row is locked: so the second look is sure.
    Meeting.objects.lock(meeting)
    last = meeting.participants.aggregate(last=Max("position", default=-1))["last"]
    Participant.objects.bulk_create(
        Participant(
            meeting=meeting,
            name=stay.name or stay.person,
            position=position,
            user_id=stay.user_id,
            guest="" if stay.user_id else stay.person,
        )
        for position, stay in enumerate(_unknown(meeting, stays), start=last + 1)
    )


def _unknown(meeting: Meeting, stays: Iterable[Attendance]) -> list[Attendance]:
    """Give those, one stay of each, who are no participants yet."""
    known = {user or guest for user, guest in meeting.participants.values_list("user", "guest")}
    return [stay for stay in _first_of_each(stays) if (stay.user_id or stay.person) not in known]


def _others(stay: Attendance) -> bool:
    """Say whether the same person is in the room on another seat too."""
    there = Attendance.objects.filter(session=stay.session_id, person=stay.person, left_at=None)
    return there.exclude(pk=stay.pk).exists()


def _first_of_each(stays: Iterable[Attendance]) -> list[Attendance]:
    found: dict[str, Attendance] = {}
    for stay in stays:
        found.setdefault(stay.person, stay)
    return [*found.values()]
