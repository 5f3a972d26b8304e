"""Which sentences say most about the meeting: terms weighed by their spread, sentences by their terms."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from transcripts.notes.sentences import Sentence

# A term that comes back all through the meeting is what the meeting is about; one that comes in a burst is a detail.
PARTS = 20
# The beginning says what the meeting is for. This share of it, and this bonus, did best on the meetings of QMSum.
OPENING_SHARE = 0.05
FEWEST_OPENING = 4
OPENING_BONUS = 1.5
# Found on the same meetings: dividing by the full length favours scraps, not dividing favours endless sentences.
LENGTH_POWER = 0.5
FEWEST_WORDS = 8
MOST_WORDS = 35
# A sentence that has half of its terms in common with another one says the same again.
MOST_SHARED = 0.5


def weigh_terms(sentences: Sequence[Sentence]) -> dict[str, float]:
    """Return for each term in how many of twenty parts of the meeting it was said."""
    parts: defaultdict[str, set[int]] = defaultdict(set)
    for sentence in sentences:
        for term in sentence.terms:
            parts[term].add(sentence.order * PARTS // len(sentences))
    return {term: float(len(said)) for term, said in parts.items()}


def score_sentences(
    sentences: Sequence[Sentence], weights: Mapping[str, float], bonuses: Mapping[int, float]
) -> dict[int, float]:
    """Return a score for each sentence by its order; `bonuses` multiplies the scores of some."""
    opening = max(FEWEST_OPENING, len(sentences) * OPENING_SHARE)
    scores = {}
    for sentence in sentences:
        length = len(sentence.words)
        score = sum(weights[term] for term in set(sentence.terms)) / max(length, FEWEST_WORDS) ** LENGTH_POWER
        score *= bonuses.get(sentence.order, 1) * min(1, MOST_WORDS / length) ** 2
        scores[sentence.order] = score * (OPENING_BONUS if sentence.order < opening else 1)
    return scores


def choose(
    candidates: Sequence[Sentence], scores: Mapping[int, float], *, count: int, words: int, parts: int = 1
) -> list[Sentence]:
    """Return the best sentences in their order: first the best of each of so many parts, then the best of the rest.

    At most `count` sentences and about `words` words, but always one sentence where there is one.
    """
    ranked = sorted(candidates, key=lambda sentence: (-scores[sentence.order], sentence.order))
    firsts = {_find_part(sentence, candidates, parts): sentence for sentence in reversed(ranked)}
    queue = sorted(firsts.values(), key=ranked.index) + ranked
    chosen: list[Sentence] = []
    used = 0
    for sentence in queue:
        if len(chosen) == count or used >= words:
            break
        fits = not chosen or used + len(sentence.words) <= words * 1.05
        if fits and not repeats(sentence, chosen):
            chosen.append(sentence)
            used += len(sentence.words)
    return sorted(chosen, key=lambda sentence: sentence.order)


def repeats(sentence: Sentence, others: Collection[Sentence]) -> bool:
    terms = set(sentence.terms)
    for other in others:
        theirs = set(other.terms)
        if sentence.words == other.words or len(terms & theirs) > MOST_SHARED * min(len(terms), len(theirs)):
            return True
    return False


def _find_part(sentence: Sentence, candidates: Sequence[Sentence], parts: int) -> int:
    first, last = candidates[0].order, candidates[-1].order
    return (sentence.order - first) * parts // (last - first + 1)
