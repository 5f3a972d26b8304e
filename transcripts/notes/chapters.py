"""Chapters: few boundaries, each where the subject changes and somebody said so or fell silent."""

from collections import Counter
from collections.abc import Sequence
from statistics import mean, pstdev

from transcripts.notes import cues
from transcripts.notes.sentences import Sentence

# On real meetings guessed boundaries are worse than none, so short meetings stay whole and long ones are cut seldom.
FEWEST_LINES = 25
SHORTEST_MS = 180_000
FEWEST_CHAPTER_LINES = 8
SHORTEST_CHAPTER_MS = 60_000
MS_PER_CHAPTER = 300_000
MOST_CHAPTERS = 8
PAUSE_MS = 4_000
WINDOW_TERMS = 60
# Where the terms on both sides are as alike as this, the subject is the same whatever was announced.
SAME_SUBJECT = 0.6


def split_chapters(sentences: Sequence[Sentence]) -> list[list[Sentence]]:
    """Return the sentences in one list for each chapter; none for none."""
    lines = _group_lines(sentences)
    duration_ms = max((line[0].line.end_ms for line in lines), default=0) - (lines[0][0].line.start_ms if lines else 0)
    if len(lines) < FEWEST_LINES or duration_ms < SHORTEST_MS:
        return [list(sentences)] if sentences else []
    most = min(MOST_CHAPTERS, 1 + duration_ms // MS_PER_CHAPTER)
    starts = _choose_starts(lines, most=max(2, most))
    edges = [0, *starts, len(lines)]
    return [
        [sentence for line in lines[start:end] for sentence in line]
        for start, end in zip(edges, edges[1:], strict=False)
    ]


def _group_lines(sentences: Sequence[Sentence]) -> list[list[Sentence]]:
    lines: list[list[Sentence]] = []
    for sentence in sentences:
        if not lines or lines[-1][0].line_index != sentence.line_index:
            lines.append([])
        lines[-1].append(sentence)
    return lines


def _choose_starts(lines: list[list[Sentence]], *, most: int) -> list[int]:
    cohesion = _measure_cohesion(lines)
    highest = min(SAME_SUBJECT, mean(cohesion) - pstdev(cohesion) / 4)
    starts: list[int] = []
    for place in sorted(range(1, len(lines)), key=lambda place: cohesion[place - 1]):
        if len(starts) == most - 1 or cohesion[place - 1] > highest:
            break
        if _is_announced(lines, place) and all(_is_far(lines, place, other) for other in (0, *starts, len(lines))):
            starts.append(place)
    return sorted(starts)


def _is_announced(lines: list[list[Sentence]], place: int) -> bool:
    pause_ms = lines[place][0].line.start_ms - lines[place - 1][0].line.end_ms
    return pause_ms >= PAUSE_MS or any(cues.TOPIC_CHANGE.match(sentence.text) for sentence in lines[place][:2])


def _is_far(lines: list[list[Sentence]], place: int, other: int) -> bool:
    times = [lines[at][0].line.start_ms if at < len(lines) else lines[-1][0].line.end_ms for at in (place, other)]
    return abs(place - other) >= FEWEST_CHAPTER_LINES and abs(times[0] - times[1]) >= SHORTEST_CHAPTER_MS


def _measure_cohesion(lines: list[list[Sentence]]) -> list[float]:
    """Return how much the terms before and after each gap between lines have in common."""
    terms: list[str] = []
    gaps = []
    for line in lines:
        gaps.append(len(terms))
        terms.extend(term for sentence in line for term in sentence.terms)
    return [_compare(terms[max(0, gap - WINDOW_TERMS) : gap], terms[gap : gap + WINDOW_TERMS]) for gap in gaps[1:]]


def _compare(before: list[str], after: list[str]) -> float:
    left, right = Counter(before), Counter(after)
    norm = (sum(count**2 for count in left.values()) * sum(count**2 for count in right.values())) ** 0.5
    return sum(count * right[term] for term, count in left.items()) / norm if norm else 0.0
