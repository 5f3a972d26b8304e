"""What the meeting page shows: lines, notes with their receipts, and the waveform, ready for the templates."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from config.lib.times import clock
from meetings.models import Meeting, Participant
from recordings.actions import PEAKS_PER_SECOND
from recordings.models import Track
from transcripts.reading import Missing, ReadLine

WAVEFORM_PEAKS = 2000

Receipts = list[dict[str, Any]]


def items_of(
    lines: Sequence[ReadLine], missing: Iterable[Missing], people: dict[str, Participant]
) -> list[dict[str, Any]]:
    """Put lines and missing stretches in one list in time order."""
    items = [
        {
            "kind": "line",
            "id": line.id,
            "speaker": people[line.participant_id],
            "start_ms": line.start_ms,
            "end_ms": line.end_ms,
            "text": line.message,
            "clock": line.clock,
        }
        for line in lines
    ]
    items += [
        {
            "kind": "missing",
            "speaker": stretch.speaker,
            "start_ms": stretch.start_ms,
            "end_ms": stretch.end_ms,
            "seconds": stretch.seconds,
            "text": stretch.text,
            "clock": clock(stretch.start_ms),
        }
        for stretch in missing
    ]
    return sorted(items, key=lambda item: item["start_ms"])


def speakers_of(people: Iterable[Participant], lines: Iterable[ReadLine]) -> list[dict[str, Any]]:
    """Give each person with the time that they spoke and its share in per cent."""
    talk: dict[str, int] = {}
    for line in lines:
        talk[line.participant_id] = talk.get(line.participant_id, 0) + line.end_ms - line.start_ms
    total = sum(talk.values()) or 1
    return [
        {
            "id": person.pk,
            "name": person.name,
            "hue": person.hue,
            "initials": person.initials,
            "talk_ms": talk.get(person.pk, 0),
            "percent": round(100 * talk.get(person.pk, 0) / total),
        }
        for person in people
    ]


def waveform_of(meeting: Meeting) -> dict[str, Any]:
    """Give the loudness of each track, as many numbers as a wide screen can show however long the meeting was."""
    tracks = Track.objects.filter(recording__meeting=meeting).exclude(file="").select_related("participant")
    step = max(1, meeting.duration_ms * PEAKS_PER_SECOND // 1000 // WAVEFORM_PEAKS)
    return {
        "durationMs": meeting.duration_ms,
        "tracks": [
            {
                "hue": track.participant.hue if track.participant else 0,
                "offsetMs": track.offset_ms,
                "perSecond": PEAKS_PER_SECOND / step,
                "peaks": [max(track.peaks[at : at + step]) for at in range(0, len(track.peaks), step)],
            }
            for track in tracks
        ],
    }


def notes_of(written: dict[str, Any], lines: Sequence[ReadLine]) -> dict[str, Any]:
    """Join each sentence of the notes with its receipts: the lines that it rests on, and when they were said."""
    receipts = _receipts_by(written["sources"], lines)
    notes = written["notes"]
    return {
        "generator": written["generator"],
        "summary": [{"text": receipt["quote"], "receipts": [receipt]} for receipt in receipts("/summary")],
        "highlights": _sentences("/highlights", notes["highlights"], receipts),
        "chapters": [_chapter(number, chapter, receipts) for number, chapter in enumerate(notes["chapters"])],
        "decisions": _sentences("/decisions", notes["decisions"], receipts),
        "actions": [
            {
                "text": action["action"],
                "assignee": action["assignee"],
                "due_date": action["due_date"],
                "receipts": receipts(f"/actions/{number}"),
            }
            for number, action in enumerate(notes["actions"])
        ],
        "qna": [
            {**pair, "receipts": receipts(f"/qna/{number}/question") + receipts(f"/qna/{number}/answer")}
            for number, pair in enumerate(notes["qna"])
        ],
        "ambiguities": _sentences("/ambiguities", notes["ambiguities"], receipts),
        "participants": notes["participants"],
        "topics": notes["topics"],
        # A word that is a topic already says nothing more as a keyword.
        "keywords": [word for word in notes["keywords"] if word not in map(str.lower, notes["topics"])],
    }


def _chapter(number: int, chapter: dict[str, Any], receipts: Callable[[str], Receipts]) -> dict[str, Any]:
    at = receipts(f"/chapters/{number}")
    return {
        "timestamp": chapter["timestamp"],
        "title": chapter["title"],
        "start_ms": at[0]["start_ms"] if at else 0,
        "bullets": _sentences(f"/chapters/{number}/bullets", chapter["bullets"], receipts),
        "receipts": at,
    }


def _sentences(pointer: str, texts: Sequence[str], receipts: Callable[[str], Receipts]) -> list[dict[str, Any]]:
    return [{"text": text, "receipts": receipts(f"{pointer}/{number}")} for number, text in enumerate(texts)]


def _receipts_by(sources: dict[str, Any], lines: Sequence[ReadLine]) -> Callable[[str], Receipts]:
    by_id = {line.id: line for line in lines}

    def receipts(pointer: str) -> Receipts:
        # A line that was removed since leaves its quote without a receipt.
        return [
            {
                "line_id": source["lineId"],
                "start_ms": by_id[source["lineId"]].start_ms,
                "clock": by_id[source["lineId"]].clock,
                "quote": source["quote"],
            }
            for source in sources.get(pointer, [])
            if source["lineId"] in by_id
        ]

    return receipts
