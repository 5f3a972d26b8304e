"""Who is in a meeting that runs, as people come into its room and leave it; the room is locked by who calls this."""

from collections.abc import Iterable

from django.db.models import Max

from config.lib import facts
from meetings import attending
from meetings.models import Attendance, Meeting, Participant, Session

ENDED = "meeting_ended"


def follow_arrival(*, meeting: Meeting, stay: Attendance) -> None:
    """Have whoever came among the participants; it is a fact that they joined unless they sit elsewhere too."""
    _note(meeting, stay)
    if not _others(stay):
        facts.state("participant_joined", meeting=meeting, stay=stay)


def follow_departure(*, meeting: Meeting, stay: Attendance) -> None:
    if not _others(stay):
        facts.state("participant_left", meeting=meeting, stay=stay)


def follow_start(*, meeting: Meeting) -> None:
    """Take those into the meeting who were in its room before it started."""
    for stay in _first_of_each(Attendance.objects.in_room(meeting.room_id)):
        _note(meeting, stay)
        facts.state("participant_joined", meeting=meeting, stay=stay)


def send_away(*, meeting: Meeting) -> None:
    """End the session of the meeting's room with all stays."""
    there = [stay.pk for stay in _first_of_each(Attendance.objects.in_room(meeting.room_id))]
    for session in Session.objects.filter(room=meeting.room_id, ended_at=None):
        attending.close_session(session=session, reason=ENDED)
    for stay in Attendance.objects.filter(pk__in=there).order_by("pk"):
        facts.state("participant_left", meeting=meeting, stay=stay)


def _note(meeting: Meeting, stay: Attendance) -> None:
    who = {"user_id": stay.user_id} if stay.user_id else {"guest": stay.person}
    participants = Participant.objects.filter(meeting=meeting)
    # Whoever speaks becomes a participant too, while the meeting's row is locked.
    Meeting.objects.lock(meeting)
    if participants.filter(**who).exists():
        return
    last = participants.aggregate(last=Max("position", default=-1))["last"]
    Participant.objects.create(meeting=meeting, name=stay.name or stay.person, position=last + 1, **who)


def _others(stay: Attendance) -> bool:
    """Say whether the same person is in the room on another seat too."""
    there = Attendance.objects.filter(session=stay.session_id, person=stay.person, left_at=None)
    return there.exclude(pk=stay.pk).exists()


def _first_of_each(stays: Iterable[Attendance]) -> list[Attendance]:
    found: dict[str, Attendance] = {}
    for stay in stays:
        found.setdefault(stay.person, stay)
    return [*found.values()]
