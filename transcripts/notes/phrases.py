"""Key phrases: the words, as they were said, that name a subject."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from transcripts.notes.sentences import Sentence
from transcripts.notes.words import WORD, find_term, fold

LONGEST = 3
# Found by eye on meetings of all sizes: how much coming back counts, and how much each word beyond the first.
REPETITION_POWER = 0.75
WORD_BONUS = 0.6

Phrase = tuple[str, ...]
Spellings = defaultdict[Phrase, Counter[str]]


def find_phrases(
    sentences: Iterable[Sentence], weights: Mapping[str, float], *, count: int, left_out: Collection[str]
) -> list[str]:
    """Return up to so many phrases that share no term, the weightiest first; `left_out` holds folded words."""
    spellings: Spellings = defaultdict(Counter)
    for sentence in sentences:
        for run in _find_runs(sentence.text, left_out) if sentence.terms else ():
            for phrase, said in _find_grams(run):
                spellings[phrase][said] += 1
    ranked = sorted(spellings, key=lambda phrase: (-_weigh(phrase, spellings[phrase].total(), weights), phrase))
    chosen: list[Phrase] = []
    for phrase in ranked:
        if len(chosen) == count:
            break
        if all(set(phrase).isdisjoint(other) for other in chosen):
            chosen.append(phrase)
    return [_spell(spellings[phrase]) for phrase in chosen]


def find_keywords(
    sentences: Iterable[Sentence], weights: Mapping[str, float], *, count: int, left_out: Collection[str]
) -> list[str]:
    """Return the weightiest single words, each as it was most often said."""
    spellings: Spellings = defaultdict(Counter)
    for sentence in sentences:
        for word in sentence.words:
            term = find_term(word)
            if term and word not in left_out:
                spellings[term,][_cut_genitive(word)] += 1
    ranked = sorted(spellings, key=lambda phrase: (-weights[phrase[0]] * spellings[phrase].total() ** 0.5, phrase))
    return [_spell(spellings[phrase]) for phrase in ranked[:count]]


def _weigh(phrase: Phrase, times: int, weights: Mapping[str, float]) -> float:
    """A phrase said once is hardly better than its words; one that comes back is the name of something."""
    mean = sum(weights[term] for term in phrase) / len(phrase)
    bonus = WORD_BONUS * (len(phrase) - 1) * min(times - 0.5, 1.5)
    return float(mean * times**REPETITION_POWER * (1 + bonus))


def _spell(spellings: Counter[str]) -> str:
    return min(spellings, key=lambda said: (-spellings[said], said))


def _find_runs(text: str, left_out: Collection[str]) -> Iterator[list[tuple[str, str]]]:
    """Yield each row of neighbouring words that have a term, as pairs of term and word."""
    run: list[tuple[str, str]] = []
    end = 0
    for match in WORD.finditer(text):
        word = fold(match[0])
        term = "" if word in left_out else find_term(word)
        if not term or text[end : match.start()].strip():
            yield run
            run = []
        if term:
            run.append((term, _cut_genitive(word)))
        end = match.end()
    yield run


def _find_grams(run: list[tuple[str, str]]) -> Iterator[tuple[Phrase, str]]:
    for start in range(len(run)):
        for end in range(start + 1, min(start + LONGEST, len(run)) + 1):
            yield tuple(term for term, _ in run[start:end]), " ".join(word for _, word in run[start:end])


def _cut_genitive(word: str) -> str:
    return word.removesuffix("'s")
