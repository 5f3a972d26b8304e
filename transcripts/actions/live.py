"""Lines that people say in a room while its meeting runs."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from accounts import audit
from accounts.models import User
from config.lib.fields import MAX_INTEGER
from meetings.models import Meeting, Participant
from rooms.tokens import GUEST
from transcripts import rules
from transcripts.actions.lines import NewLine, store_lines
from transcripts.actions.sending import now_ms
from transcripts.models import Line


@dataclass(frozen=True, kw_only=True)
class SpokenLine:
    """A line as it was said: `client_id` is its speaker's own name for it, and makes it safe to send it again."""

    text: str
    start_ms: int | None = None
    end_ms: int | None = None
    language: str = ""
    client_id: str = ""


def check_live(*, room_id: str, person: str) -> None:
    """Ask whether what is said in a room may be transcribed.

    Raises:
        TranscriptDisabled.
    """
    rules.check_live(room_id)


@transaction.atomic
def say_line(*, room_id: str, line: SpokenLine, name: str, person: str) -> Line:
    """Keep what `person`, a user or a guest, said in the meeting that runs in the room; once for each client id.

    Raises:
        All that `rules.live` raises.
    """
    meeting = Meeting.objects.lock(rules.live(room_id, person))
    speaker = _speaker(meeting, person, name)
    kept = Line.objects.filter(meeting=meeting, participant=speaker, client_id=line.client_id).exclude(client_id="")
    found = kept.first()
    if found is not None:
        return found
    author = speaker.user
    stored = store_lines(meeting=meeting, lines=[_new_line(meeting, line, speaker, author)])[0]
    audit.record("SEND", by=author, resource={"meetingId": meeting.pk, "lines": 1})
    return stored


def _speaker(meeting: Meeting, person: str, name: str) -> Participant:
    """Find or make the participant that somebody is; the meeting's row is locked."""
    who = {"guest": person} if person.startswith(GUEST) else {"user_id": person}
    participants = Participant.objects.filter(meeting=meeting)
    found = participants.filter(**who).select_related("user").order_by("position").first()
    if found is not None:
        return found
    last = participants.aggregate(last=Max("position", default=-1))["last"]
    return Participant.objects.create(meeting=meeting, name=name, position=last + 1, **who)


def _new_line(meeting: Meeting, line: SpokenLine, speaker: Participant, author: User | None) -> NewLine:
    """Time a line: what does not say when it was said ended now."""
    end_ms = now_ms(meeting) if line.end_ms is None else min(line.end_ms, MAX_INTEGER)
    start_ms = end_ms if line.start_ms is None else min(line.start_ms, end_ms)
    return NewLine(
        speaker=speaker,
        text=line.text,
        start_ms=start_ms,
        end_ms=end_ms,
        author=author,
        client_id=line.client_id,
        language=line.language,
    )
