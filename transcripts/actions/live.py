"""Lines that people say in a room while its meeting runs: each is a row first, and told after the commit."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts import audit
from accounts.models import User
from config.lib import keys
from config.lib.fields import MAX_INTEGER
from meetings.models import Meeting, Participant
from rooms.realtime import protocol, publishing
from rooms.realtime.saying import Saying
from rooms.tokens import GUEST
from transcripts import rules
from transcripts.actions.lines import NewLine, store_lines
from transcripts.actions.sending import now_ms
from transcripts.models import Caption, Line

CAPTION = "transcript"
# Who said a line tells of it within this time, or was killed.
TOLD_WITHIN = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class SpokenLine:
    """A line as it was said: `client_id` is its speaker's own name for it, and makes it safe to send it again;
    `replaces` is theirs for the partial that it follows."""

    text: str
    start_ms: int | None = None
    end_ms: int | None = None
    language: str = ""
    client_id: str = ""
    replaces: str = ""


def check_live(*, room_id: str, person: str) -> None:
    """Ask whether what is said in a room may be transcribed.

    Raises:
        TranscriptDisabled.
    """
    rules.check_live(room_id)


@transaction.atomic
def say_line(*, room_id: str, line: SpokenLine, name: str, time_ms: int, person: str) -> Caption:
    """Keep what `person`, a user or a guest, said in the meeting that runs in the room; once for each client id.

    Where the room could not be told, `seq` is None: `tell` tells it, and so does a sweep.

    Raises:
        All that `rules.live` raises.
    """
    meeting = Meeting.objects.lock(rules.live(room_id, person))
    speaker = _speaker(meeting, person, name)
    kept = Line.objects.filter(meeting=meeting, participant=speaker, client_id=line.client_id).exclude(client_id="")
    caption = Caption(
        line=kept.first() or _keep(meeting, line, speaker),
        room_id=room_id,
        person=person,
        name=name,
        said_at=datetime.fromtimestamp(time_ms / 1000, UTC),
        replaces=line.replaces,
    )
    caption.save()
    transaction.on_commit(lambda: tell(caption=caption), robust=True)
    return caption


def tell(*, caption: Caption) -> None:
    """Tell a room of a line that was committed, once, however often it is tried.

    Raises:
        redis.exceptions.RedisError.
        config.lib.keystore.KeyMissing: the meeting was deleted.
    """
    line_id = caption.line_id
    saying = Saying(type=CAPTION, id=line_id, body=_written(caption), is_kept=True, ref=f"line:{line_id}")
    caption.seq = publishing.publish(caption.room_id, saying).seq
    Caption.objects.filter(pk=line_id).delete()


def tell_left() -> None:
    """Tell what a process that was killed between commit and telling left."""
    left = Caption.objects.filter(said_at__lt=timezone.now() - TOLD_WITHIN).select_related("line")
    for caption in left.order_by("pk"):
        tell(caption=caption)


def _speaker(meeting: Meeting, person: str, name: str) -> Participant:
    """Find or make the participant that somebody is; the meeting's row is locked."""
    who = {"guest": person} if person.startswith(GUEST) else {"user_id": person}
    participants = Participant.objects.filter(meeting=meeting)
    found = participants.filter(**who).select_related("user").order_by("position").first()
    if found is not None:
        return found
    last = participants.aggregate(last=Max("position", default=-1))["last"]
    return Participant.objects.create(meeting=meeting, name=name, position=last + 1, **who)


def _keep(meeting: Meeting, line: SpokenLine, speaker: Participant) -> Line:
    author = speaker.user
    stored = store_lines(meeting=meeting, lines=[_new_line(meeting, line, speaker, author)])[0]
    audit.record("SEND", by=author, resource={"meetingId": meeting.pk, "lines": 1})
    return stored


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


def _written(caption: Caption) -> bytes:
    line, time_ms = caption.line, round(caption.said_at.timestamp() * 1000)
    said: dict[str, Any] = {
        "msg": keys.cipher(line.meeting_id).decrypt(bytes(line.message), row_id=line.pk, field="line.message"),
        "final": True,
        "startMs": line.start_ms,
        "endMs": line.end_ms,
        "lineId": line.pk,
        **({"language": line.language} if line.language else {}),
        **({"replaces": caption.replaces} if caption.replaces else {}),
    }
    return protocol.envelope(CAPTION, {"id": caption.person, "username": caption.name}, time_ms, said)
