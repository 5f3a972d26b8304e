"""Key phrases: the words, as they were said, that name a subject."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from transcripts.notes.sentences import Sentence
from transcripts.notes.words import WORD, find_term, fold

LONGEST = 3
Phrase = tuple[str, ...]


def find_phrases(
    sentences: Iterable[Sentence], weights: Mapping[str, float], *, count: int, left_out: Collection[str]
) -> list[str]:
    """Return up to so many phrases that share no term, the weightiest first; `left_out` holds folded words."""
    counts: Counter[Phrase] = Counter()
    spellings: defaultdict[Phrase, Counter[str]] = defaultdict(Counter)
    for sentence in sentences:
        for run in _find_runs(sentence.text, left_out):
            for phrase, said in _find_grams(run):
                counts[phrase] += 1
                spellings[phrase][said] += 1

    def weigh(phrase: Phrase) -> float:
        # A phrase said once is hardly better than its best word; one that comes back is the name of something.
        heavy = sum(weights[term] for term in phrase) / len(phrase)
        return heavy * counts[phrase] ** REPETITION_POWER * (1 + 0.6 * (len(phrase) - 1) * min(counts[phrase] - 0.5, 1.5))

    chosen: list[Phrase] = []
    taken: set[str] = set()
    for phrase in sorted(counts, key=lambda phrase: (-weigh(phrase), phrase)):
        if len(chosen) == count:
            break
        if taken.isdisjoint(phrase):
            chosen.append(phrase)
            taken.update(phrase)
    return [min(spellings[phrase].items(), key=lambda item: (-item[1], item[0]))[0] for phrase in chosen]


def find_keywords(
    sentences: Iterable[Sentence], weights: Mapping[str, float], *, count: int, left_out: Collection[str]
) -> list[str]:
    """Return the weightiest single words, each as it was most often said."""
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for sentence in sentences:
        for word in sentence.words:
            term = find_term(word)
            if term and word not in left_out:
                spellings[term][word.removesuffix("'s")] += 1
    heavy = sorted(spellings, key=lambda term: (-weights[term] * spellings[term].total() ** 0.5, term))
    return [min(spellings[term].items(), key=lambda item: (-item[1], item[0]))[0] for term in heavy[:count]]


def _find_runs(text: str, left_out: Collection[str]) -> Iterator[list[tuple[str, str]]]:
    """Yield each row of neighbouring words that have a term, as pairs of term and word."""
    run: list[tuple[str, str]] = []
    end = 0
    for match in WORD.finditer(text):
        word = fold(match[0])
        term = "" if word in left_out else find_term(word)
        if run and (not term or text[end : match.start()].strip()):
            yield run
            run = []
        if term:
            run.append((term, word.removesuffix("'s")))
        end = match.end()
    if run:
        yield run


def _find_grams(run: list[tuple[str, str]]) -> Iterator[tuple[Phrase, str]]:
    for start in range(len(run)):
        for end in range(start + 1, min(start + LONGEST, len(run)) + 1):
            yield tuple(term for term, _ in run[start:end]), " ".join(word for _, word in run[start:end])
