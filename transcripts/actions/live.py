"""Lines that people say in a room while its meeting runs: each is a row first, and told after the commit."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Min, Q
from django.utils import timezone

from accounts import audit
from accounts.models import User
from config.lib import keys
from config.lib.fields import MAX_INTEGER
from meetings.actions.chat import Reader
from meetings.models import Attendance, Meeting, Participant
from rooms.realtime import protocol, publishing
from rooms.realtime.events import Event, Route
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
    said_at = datetime.fromtimestamp(time_ms / 1000, UTC)
    caption, _ = Caption.objects.get_or_create(
        line=kept.first() or _keep(meeting, line, speaker),
        defaults={
            "room_id": room_id,
            "person": person,
            "name": name,
            "said_at": said_at,
            "replaces": line.replaces,
        },
    )
    if caption.seq is None:
        transaction.on_commit(lambda: tell(caption=caption), robust=True)
    return caption


def tell(*, caption: Caption) -> None:
    """Tell a room of a line that was committed, once, however often it is tried.

    Raises:
        redis.exceptions.RedisError.
        config.lib.keystore.KeyMissing: the meeting was deleted.
    """
    saying = Saying(
        type=CAPTION, id=caption.line_id, body=_written(caption), is_kept=True, ref=f"line:{caption.line_id}"
    )
    caption.seq = publishing.publish(caption.room_id, saying).seq
    caption.save(update_fields=["seq"])


def tell_left() -> None:
    """Tell what a process that was killed between commit and telling left."""
    left = Caption.objects.filter(seq=None, said_at__lt=timezone.now() - TOLD_WITHIN).select_related("line")
    for caption in left.order_by("pk"):
        tell(caption=caption)


def past(readers: Sequence[Reader]) -> list[list[Event]]:
    """Give the captions of the meetings that run in rooms to those who are back there, from when they first came on;
    the queries are few, however many come, and each line is read once."""
    back = [reader for reader in readers if reader.is_back]
    running = Meeting.objects.running_in_each(reader.room_id for reader in back) if back else {}
    came = _came(back, running.values()) if running else {}
    said = Caption.objects.filter(line__meeting__in=running.values(), seq__isnull=False).select_related("line")
    events = [(caption, Event(Route(CAPTION, caption.line_id), _written(caption))) for caption in said.order_by("pk")]
    return [
        [
            event
            for caption, event in events
            if reader.is_back
            and caption.room_id == reader.room_id
            and caption.said_at >= came[reader.room_id, reader.person]
        ]
        for reader in readers
    ]


def _came(readers: Iterable[Reader], meetings: Collection[Meeting]) -> Mapping[tuple[str, str], datetime]:
    """Say since when people are in meetings, by room and person."""
    began = min(meeting.started_at for meeting in meetings if meeting.started_at)
    stays = Attendance.objects.filter(
        Q(left_at=None) | Q(left_at__gte=began),
        session__room__in=[meeting.room_id for meeting in meetings],
        person__in=[reader.person for reader in readers],
    )
    first = stays.values_list("session__room", "person").annotate(Min("joined_at")).order_by()
    came: dict[tuple[str, str], datetime] = defaultdict(timezone.now)
    return came | {(room_id, person): joined_at for room_id, person, joined_at in first}


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
