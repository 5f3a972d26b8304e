"""Reading what was said: lines and notes decrypted, what is missing, and how far the work is.

Everything here takes a meeting that the caller was found to be allowed to read.
"""

import json
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from config.lib import keys
from config.lib.queries import Iso
from config.lib.streaming import give_back_connection
from config.lib.times import clock
from config.lib.work import WorkState
from meetings.models import Meeting, Participant
from recordings.models import AudioMix
from transcripts.exceptions import LineNotFound
from transcripts.models import Line, LineQuerySet, Notes, NotesWriting, TrackRecognition
from transcripts.notes.types import WrittenNotes

# How many lines are fetched and decrypted at a time: memory stays flat however long the meeting was.
BATCH = 2000
FIRST = 500
_COLUMNS = (
    *("id", "participant_id", "participant__name", "start_ms", "end_ms", "language", "created"),
    *("participant__position", "message"),
)
# How often is looked whether notes are there.
LOOK_SECONDS = 0.2


class ReadLine(NamedTuple):
    """One line in the clear, `created_at` as it goes out; a tuple, since a long meeting makes ten thousand of them."""

    id: str
    participant_id: str
    user_name: str
    start_ms: int
    end_ms: int
    language: str
    created_at: str
    message: str

    @property
    def clock(self) -> str:
        return clock(self.start_ms)


def stored_after(meeting_id: str, since: str | datetime) -> Q:
    """Make the condition of lines that were stored after a moment, or after the line of an id.

    Raises:
        LineNotFound: the meeting has no such line.
    """
    if isinstance(since, datetime):
        return Q(created_at__gt=since)
    seen = Line.objects.filter(meeting_id=meeting_id, pk=since).first()
    if seen is None:
        raise LineNotFound
    # Those of one batch have the same time.
    return Q(created_at__gt=seen.created_at) | Q(created_at=seen.created_at, pk__gt=seen.pk)


def lines_of(meeting_id: str, among: Q | None = None) -> Iterator[ReadLine]:
    """Yield the meeting's lines, or some of them, in spoken order, read and decrypted a few thousand at a time.

    Raises:
        config.lib.crypto.Undecryptable: a row was changed, moved or cut; it is named, never skipped.
    """
    cipher = keys.cipher(meeting_id)
    for batch in _batches(Line.objects.filter(among or Q(), meeting_id=meeting_id)):
        texts = cipher.decrypt_rows([(row[0], row[-1]) for row in batch], field="line.message")
        for (*fields, _position, _sealed), text in zip(batch, texts, strict=True):
            yield ReadLine._make([*fields, text])


def _batches(lines: LineQuerySet) -> Iterator[list[tuple[Any, ...]]]:
    """Yield rows in spoken order, few at first, since somebody is waiting for the first bytes.

    Each batch is a query of its own: a cursor would have all of a long transcript sorted before its first row, and hold
    the connection to the database for as long as somebody reads.
    """
    rows = left = lines.spoken().annotate(created=Iso("created_at")).values_list(*_COLUMNS)
    size = FIRST
    while batch := list(left[:size]):
        yield batch
        if len(batch) < size:
            return
        left, size = rows.filter(_spoken_after(batch[-1])), BATCH


def _spoken_after(row: tuple[Any, ...]) -> Q:
    start, position, pk = row[3], row[-2], row[0]
    at_once = Q(participant__position__gt=position) | Q(participant__position=position, pk__gt=pk)
    # The first condition is what the index is searched by.
    return Q(Q(start_ms__gt=start) | at_once, start_ms__gte=start)


def packed(written: WrittenNotes) -> str:
    """Write notes as the JSON that is kept: the eleven fields, and by JSON pointer what each sentence rests on."""
    sources = {
        pointer: [{"lineId": source.line_id, "quote": source.quote} for source in sources]
        for pointer, sources in written.sources.items()
    }
    return json.dumps({"notes": written.notes, "sources": sources}, ensure_ascii=False)


def notes_of(meeting: Meeting) -> dict[str, Any] | None:
    """Give `{notes, sources, generator}`, or None while there are none."""
    row = Notes.objects.filter(meeting=meeting).first()
    if row is None:
        return None
    body = json.loads(keys.cipher(meeting.pk).decrypt(row.body, row_id=row.pk, field="notes.body"))
    return {**body, "generator": row.generator}


@dataclass(frozen=True)
class Missing:
    """A stretch of one person's track, on the meeting's clock, that is in no line, and why."""

    speaker: Participant
    start_ms: int
    end_ms: int
    reason: str

    @property
    def seconds(self) -> int:
        return max(1, round((self.end_ms - self.start_ms) / 1000))

    @property
    def text(self) -> str:
        facts = {"name": self.speaker.name, "seconds": self.seconds}
        if self.reason == "damaged":
            return _("%(name)s's track: %(seconds)s s are damaged") % facts
        return _("%(name)s's track: %(seconds)s s could not be recognised") % facts


def missing_of(meeting: Meeting) -> list[Missing]:
    found = []
    for work in _recognitions([meeting]):
        speaker, offset = work.speaker, work.track.offset_ms
        stretches = list(work.missing)
        if work.state == WorkState.PARKED:
            stretches.append([work.cursor_ms, work.track.duration_ms, work.error_code])
        found += [Missing(speaker, offset + start, offset + end, reason) for start, end, reason in stretches]
    return sorted(found, key=lambda stretch: (stretch.start_ms, stretch.speaker.position))


@dataclass(frozen=True)
class Progress:
    """How far a meeting is on its way to minutes."""

    state: str
    percent: int
    seconds_left: int | None
    stage: str
    tracks: list[dict[str, Any]]
    notes_state: str
    audio_state: str

    @property
    def is_over(self) -> bool:
        return self.state != "processing"


def progress_of(meeting: Meeting) -> Progress:
    return progress_by_meeting([meeting])[meeting.pk]


def progress_by_meeting(meetings: Collection[Meeting]) -> dict[str, Progress]:
    """Give the progress of each meeting by its id, in three queries however many there are."""
    recognitions: dict[str, list[TrackRecognition]] = {meeting.pk: [] for meeting in meetings}
    for work in _recognitions(meetings):
        recognitions[work.meeting_id].append(work)
    notes = {work.meeting_id: work for work in NotesWriting.objects.filter(meeting__in=meetings)}
    mixes = {
        str(mix.recording.meeting_id): mix
        for mix in AudioMix.objects.filter(recording__meeting__in=meetings).select_related("recording")
    }
    return {pk: _progress(found, notes.get(pk), mixes.get(pk)) for pk, found in recognitions.items()}


def _progress(recognitions: list[TrackRecognition], notes: NotesWriting | None, mix: AudioMix | None) -> Progress:
    """Add up a meeting's work: recognition, where there is any, counts nine tenths, the notes the rest."""
    lengths = sum(work.track.duration_ms for work in recognitions)
    recognised = sum(_percent(work) * work.track.duration_ms for work in recognitions) / lengths if lengths else 100
    share = 0.9 if recognitions else 0
    state = _overall(recognitions, notes, mix)
    done = recognised * share + (notes.progress if notes else 0) * (1 - share)
    percent = 100 if state != "processing" else round(done)
    return Progress(
        state=state,
        percent=percent,
        seconds_left=_seconds_left(recognitions),
        stage=_("Recognising…") if recognised < 100 else _("Writing notes…"),
        tracks=[_track_progress(work) for work in recognitions],
        notes_state=_short(notes.state) if notes else "none",
        audio_state=_short(mix.state) if mix else "none",
    )


def notes_state(meeting: Meeting) -> tuple[str, int]:
    """Say `none, queued, running, failed` or `ready` and the per cent of the way there."""
    progress = progress_of(meeting)
    if Notes.objects.filter(meeting=meeting).exists():
        return "ready", 100
    if progress.state == "processing":
        return ("running" if progress.percent else "queued"), progress.percent
    return ("failed" if progress.notes_state == "failed" else "none"), progress.percent


def wait_for_notes(meeting: Meeting, seconds: float) -> str:
    """Wait until the notes that are being written are there, or have failed; say `done`, `parked` or how far it is.

    The database connection is given back between looks: a few who wait must not take all that there are.
    """
    deadline = time.monotonic() + seconds
    while True:
        state = NotesWriting.objects.filter(meeting=meeting).values_list("state", flat=True).first()
        if state in (None, WorkState.DONE, WorkState.PARKED) or time.monotonic() >= deadline:
            return str(state or WorkState.PARKED)
        give_back_connection()
        time.sleep(LOOK_SECONDS)


def _recognitions(meetings: Collection[Meeting]) -> list[TrackRecognition]:
    return list(
        TrackRecognition.objects.filter(meeting__in=meetings)
        .select_related("track__participant")
        # Ten numbers for every second of sound, of which progress needs none.
        .defer("track__peaks")
        .order_by("track__participant__position")
    )


def _overall(recognitions: list[TrackRecognition], notes: NotesWriting | None, mix: AudioMix | None) -> str:
    works = [work for work in (*recognitions, notes, mix) if work is not None]
    if any(not work.is_settled for work in works):
        return "processing"
    if recognitions and all(work.state == WorkState.PARKED for work in recognitions):
        return "failed"
    whole = all(work.state == WorkState.DONE for work in works) and not any(work.missing for work in recognitions)
    return "ready" if whole else "ready_partial"


def _percent(work: TrackRecognition) -> float:
    return 100.0 if work.is_settled else work.progress


def _seconds_left(recognitions: list[TrackRecognition]) -> int | None:
    """Guess from the tracks that run; those that wait are taken to need as long for each of their seconds."""
    running = [work for work in recognitions if work.state == WorkState.RUNNING and work.seconds_left is not None]
    if not running:
        return None
    left = sum(work.seconds_left or 0 for work in running)
    sound = sum(work.track.duration_ms * (100 - work.progress) / 100 for work in running)
    waiting = sum(work.track.duration_ms for work in recognitions if work.state == WorkState.QUEUED)
    return round((left + waiting * left / sound if sound else left) / len(running))


def _track_progress(work: TrackRecognition) -> dict[str, Any]:
    speaker = work.speaker
    return {
        "name": speaker.name,
        "hue": speaker.hue,
        "initials": speaker.initials,
        "percent": round(_percent(work)),
        "state": _short(work.state),
        "error": _track_error(work),
    }


def _track_error(work: TrackRecognition) -> str:
    """Say what failed in the reader's language; the row's own words are the operator's."""
    texts = {
        "decode_failed": _("The track could be decoded only in part."),
        "ffmpeg_missing": _("The server has no program that can read sound: tell its administrator."),
        "worker_lost": _("The server broke off each time it worked on this track."),
    }
    return texts.get(work.error_code, _("The track could not be read.")) if work.error_code else ""


def _short(state: str) -> str:
    return "failed" if state == WorkState.PARKED else str(state)
