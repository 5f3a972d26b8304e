"""Measure the summaries of the extractive notes engine on QMSum meetings, beside two trivial summaries.

    python -m bench.notes path/to/qmsum

"Unpunctuated" is the same engine over the same sentences as a plain speech recogniser would write them.
"""

import argparse
import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from transcripts.notes.extractive import ExtractiveNotes
from transcripts.notes.sentences import split_lines
from transcripts.notes.types import SpokenLine, WrittenNotes

SUMMARY_WORDS = 130
# QMSum has no times; this is an ordinary speed of speech.
MS_PER_WORD = 400
Figures = tuple[float, float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the notes engine on QMSum.")
    parser.add_argument("qmsum", type=Path, help="folder that holds val/*.json")
    paths = sorted((parser.parse_args().qmsum / "val").glob("*.json"))
    figures: dict[str, list[Figures]] = {"extractive": [], "unpunctuated": [], "lead": [], "random": []}
    seconds = []
    for path in paths:
        lines, reference = read_meeting(path)
        begun = time.perf_counter()
        written = ExtractiveNotes().write(lines, title="", participants=[])
        seconds.append(time.perf_counter() - begun)
        bare = ExtractiveNotes().write(strip_marks(lines), title="", participants=[])
        sentences = [sentence.text for sentence in split_lines(lines)]
        shuffled = random.Random(path.name).sample(sentences, len(sentences))
        figures["extractive"].append(measure_rouge(list_summary(written), reference))
        figures["unpunctuated"].append(measure_rouge(list_summary(bare), reference))
        figures["lead"].append(measure_rouge(cut_words(sentences), reference))
        figures["random"].append(measure_rouge(cut_words(shuffled), reference))
    print(f"{len(paths)} meetings          ROUGE-1  ROUGE-2  ROUGE-L")
    for name, rows in figures.items():
        means = [100 * sum(column) / len(rows) for column in zip(*rows, strict=True)]
        print(f"{name:20} {means[0]:9.1f}{means[1]:9.1f}{means[2]:9.1f}")
    print(f"seconds per meeting: mean {sum(seconds) / len(seconds):.3f}, longest {max(seconds):.3f}")


def read_meeting(path: Path) -> tuple[list[SpokenLine], str]:
    """Return the lines and the reference summary, without the transcribers' remarks in braces."""
    meeting = json.loads(path.read_text())
    lines = []
    start_ms = 0
    for number, turn in enumerate(meeting["meeting_transcripts"]):
        text = re.sub(r"\{[^}]*\}", "", turn["content"])
        end_ms = start_ms + MS_PER_WORD * len(text.split())
        lines.append(SpokenLine(str(number), turn["speaker"], start_ms, end_ms, text))
        start_ms = end_ms
    return lines, meeting["general_query_list"][0]["answer"]


def strip_marks(lines: Sequence[SpokenLine]) -> list[SpokenLine]:
    """Return each sentence as a line of its own, in small letters and without punctuation."""
    return [
        replace(sentence.line, id=str(number), text=re.sub(r"[^\w' -]", "", sentence.text).lower())
        for number, sentence in enumerate(split_lines(lines))
    ]


def list_summary(written: WrittenNotes) -> list[str]:
    return [source.quote for source in written.sources["/summary"]]


def cut_words(sentences: Sequence[str]) -> list[str]:
    """Return the first sentences, the last one cut, up to the length of a summary."""
    chosen = []
    left = SUMMARY_WORDS
    for sentence in sentences:
        words = sentence.split()[:left]
        chosen.append(" ".join(words))
        left -= len(words)
        if not left:
            break
    return chosen


def measure_rouge(candidate: Sequence[str], reference: str) -> Figures:
    """Return the F1 of ROUGE-1, ROUGE-2 and the summary-level ROUGE-L, without stemming."""
    said = [find_tokens(sentence) for sentence in candidate]
    wanted = [find_tokens(sentence) for sentence in re.split(r"(?<=[.!?])\s", reference)]
    return (compare_grams(said, wanted, 1), compare_grams(said, wanted, 2), compare_longest(said, wanted))


def find_tokens(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def compare_grams(said: list[list[str]], wanted: list[list[str]], size: int) -> float:
    ours, theirs = (Counter(find_grams(sum(side, []), size)) for side in (said, wanted))
    return find_f1((ours & theirs).total(), ours.total(), theirs.total())


def find_grams(tokens: list[str], size: int) -> Iterator[tuple[str, ...]]:
    return zip(*(tokens[start:] for start in range(size)), strict=False)


def compare_longest(said: list[list[str]], wanted: list[list[str]]) -> float:
    """Count, for each sentence of the reference, the words in its common subsequences with any sentence said."""
    left_ours, left_theirs = Counter(sum(said, [])), Counter(sum(wanted, []))
    hits = 0
    for sentence in wanted:
        covered = {place for ours in said for place in find_common(sentence, ours)}
        for token in (sentence[place] for place in covered):
            if left_ours[token] and left_theirs[token]:
                left_ours[token] -= 1
                left_theirs[token] -= 1
                hits += 1
    return find_f1(hits, sum(map(len, said)), sum(map(len, wanted)))


def find_common(first: list[str], second: list[str]) -> Iterator[int]:
    """Yield the places in `first` of a longest common subsequence with `second`."""
    table = [[0] * (len(second) + 1) for _ in range(len(first) + 1)]
    for row, token in enumerate(first, 1):
        for column, other in enumerate(second, 1):
            same = table[row - 1][column - 1] + 1
            table[row][column] = same if token == other else max(table[row - 1][column], table[row][column - 1])
    row, column = len(first), len(second)
    while row and column:
        if first[row - 1] == second[column - 1]:
            row, column = row - 1, column - 1
            yield row
        elif table[row - 1][column] >= table[row][column - 1]:
            row -= 1
        else:
            column -= 1


def find_f1(hits: int, ours: int, theirs: int) -> float:
    return 2 * hits / (ours + theirs) if ours + theirs else 0.0


if __name__ == "__main__":
    main()
