"""Lines that clients send."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts import audit, limits
from accounts.models import User
from config.lib.fields import MAX_INTEGER
from meetings import actions as meetings_actions
from meetings.models import Meeting, Participant
from meetings.names import clean_name
from transcripts import crypto, rules
from transcripts.actions.lines import NewLine, store_lines
from transcripts.exceptions import EmptyLine, TooManyLabels
from transcripts.models import Line

# So many names one person may speak under in one meeting: each is a participant.
MAX_LABELS = 20
# Where no secret is set, ciphertext is tried with one that nobody has, and fails like any other, after the same time.
NOBODYS_SECRET = secrets.token_urlsafe(32)


@dataclass(frozen=True)
class SentLine:
    """A line as a client sent it: text or ciphertext, and when it was said, if the client knows."""

    name: str
    message: str
    start_ms: int | None = None
    end_ms: int | None = None
    language: str = ""
    client_id: str = ""
    is_encrypted: bool | None = None


def send_lines(*, meeting_id: str, lines: Sequence[SentLine], by: User, address: str = "") -> list[Line]:
    """Keep what `by` said, all lines or none; what was sent before under the same client id is given as it was kept.

    The first line starts a meeting that has not started. Decrypting takes milliseconds a line, so it comes before
    anything is locked.

    Raises:
        All that `rules.transcribed` raises; meetings.exceptions.RoomBusy: another meeting runs in the room.
        transcripts.crypto.Undecryptable: a line is ciphertext that no secret of the meeting opens.
        config.lib.errors.RateLimited: too much could not be decrypted.
        EmptyLine; TooManyLabels; meetings.exceptions.InvalidMeeting: a name cannot be taken.
    """
    meeting = rules.transcribed(by, meeting_id)
    texts = _decrypted(lines, by, address)
    with transaction.atomic():
        # Starting locks the room before the meeting, so it comes first.
        if meeting.started_at is None:
            meeting = meetings_actions.start(meeting=meeting, by=by)
        meeting = Meeting.objects.lock(meeting)
        kept = _keep(meeting, lines, texts, by)
        audit.record("SEND", by=by, resource={"meetingId": meeting_id, "lines": len(lines)})
    return kept


def _decrypted(lines: Sequence[SentLine], by: User, address: str) -> list[str]:
    """Give the texts. For whoever failed too often nothing is tried: each answer would tell something of the secret,
    and each try takes milliseconds, also where what no secret opens is taken for text."""
    count = partial(limits.check, "RATE_UNDECRYPTABLE", by=by, address=address)
    tried = {line for line in lines if crypto.is_tried(line.message, line.is_encrypted)}
    if tried:
        count(calls=0)
    texts = []
    for line in lines:
        try:
            texts.append(_text_of(line))
        except crypto.Undecryptable:
            count()
            raise
        if line in tried and texts[-1] == line.message:
            count()
    return texts


def _text_of(line: SentLine) -> str:
    shared = settings.ENCRYPTION_SECRET if settings.ALLOW_SHARED_SECRET else ""
    text = crypto.classify(
        line.message,
        shared or NOBODYS_SECRET,
        hash=settings.WIRE_PBKDF2_HASH,
        gcm_hash=settings.LEGACY_GCM_HASH,
        is_encrypted=line.is_encrypted,
    )
    if not text.strip():
        raise EmptyLine
    return text


def _keep(meeting: Meeting, lines: Sequence[SentLine], texts: Sequence[str], by: User) -> list[Line]:
    """Store those that were not sent before, and give all in the order in which they were sent."""
    # A line without an id of its client's is like no other; no such id begins with a hash.
    ids = [line.client_id or f"#{number}" for number, line in enumerate(lines)]
    before = Line.objects.filter(meeting=meeting, author=by, client_id__in=ids).select_related("participant")
    kept = {line.client_id: line for line in before}
    names = {line.name: clean_name(line.name) for line in lines}
    speakers = {name: _participant(meeting, by, name) for name in names.values()}
    new: dict[str, NewLine] = {}
    for key, line, text in zip(ids, lines, texts, strict=True):
        if key not in kept and key not in new:
            new[key] = _new_line(meeting, line, text, speakers[names[line.name]], by)
    kept.update(zip(new, store_lines(meeting=meeting, lines=new.values()), strict=True))
    return [kept[key] for key in ids]


def _participant(meeting: Meeting, user: User, name: str) -> Participant:
    """Find or make the participant whose label `user` uses; the meeting's row is locked."""
    found = Participant.objects.filter(meeting=meeting, user=user, name=name).first()
    if found is not None:
        return found
    if Participant.objects.filter(meeting=meeting, user=user).count() >= MAX_LABELS:
        raise TooManyLabels
    last = meeting.participants.aggregate(last=Max("position", default=-1))["last"]
    return Participant.objects.create(meeting=meeting, user=user, name=name, position=last + 1)


def _new_line(meeting: Meeting, line: SentLine, text: str, speaker: Participant, by: User) -> NewLine:
    """Time a line: what does not say when it was said was said now."""
    end_ms = now_ms(meeting) if line.end_ms is None else line.end_ms
    start_ms = min(now_ms(meeting), end_ms) if line.start_ms is None else line.start_ms
    return NewLine(
        speaker=speaker,
        text=text,
        start_ms=start_ms,
        end_ms=start_ms if line.end_ms is None else end_ms,
        author=by,
        client_id=line.client_id,
        language=line.language,
    )


def now_ms(meeting: Meeting) -> int:
    """Read the meeting's clock, which stands still once the meeting is over."""
    began = meeting.started_at or meeting.created_at
    now = meeting.ended_at or timezone.now()
    return min(max(0, round((now - began).total_seconds() * 1000)), MAX_INTEGER)
