"""The run of a conversation: what is a question, and what was said before and after a sentence."""

from collections.abc import Sequence
from itertools import groupby

from transcripts.notes.cues import OPENING, compile_cues
from transcripts.notes.sentences import Sentence

# How many lines further on an answer, an acceptance or an agreement still belongs to what was said.
REACH = 4

_PRONOUN = "(i|you|we|they|he|she|it|there|this|that|these|those|any(one|body)|some(one|body)|every(one|body))"
_SUBJECT = f"({_PRONOUN}|the|a|an|any|our|your|my|his|her|their)"
_AUXILIARY = "(is|are|was|were|do|does|did|can|could|will|would|should|shall|have|has|had|am|may|might|must)(n't)?"
# A name may stand before the question, but only where the word order is a question's beyond doubt.
INVERTED = compile_cues(
    rf"""
    (\w+,? )?{_AUXILIARY} you
    {_AUXILIARY} {_PRONOUN}
    (is|are|was|were|does|did|will|can|could|should|has)(n't)? {_SUBJECT}
    (\w+ ){{1,3}}ли
    разве|неужели
    можем|успе(ем|ешь|ете)
    """,
    before=OPENING,
)
ASKING_WORD = compile_cues(
    rf"""
    (what|when|where|who|whom|whose|why|how|which)('s|'re|'ll|'d)
    (what|when|where|who|whom|whose|why|how|which)( (?!{_SUBJECT}\b)\w+){{0,3}}? {_AUXILIARY}
    (\w+,? )?(what|when|where|who|why|how|which) (\w+ )?(do|does|did|can|should|will) {_PRONOUN}
    (how|what) about
    how (come|many|much|long|far|soon|often)
    \w+,? (what about|how (far|much|many|long|soon|often) {_AUXILIARY} {_SUBJECT})
    what if
    who (?!knows\b|cares\b)\w+s
    кто|когда|где|куда|откуда|почему|зачем|сколько|чей|чья|как(ой|ая|ое|ие|ую|ова|ов|ого)
    во сколько|(на|в) какое|к какому|что (с|по|делаем|делать|насч[её]т|у нас)|как (дела|мы|насч[её]т|быть)
    """,
    before=OPENING,
)


class Dialogue:
    """The sentences of a meeting by their lines."""

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        self.sentences = sentences
        self._turns = [list(turn) for _, turn in groupby(sentences, key=lambda sentence: sentence.line_index)]
        self._places = {turn[0].line_index: place for place, turn in enumerate(self._turns)}

    def find_replies(self, sentence: Sentence) -> list[list[Sentence]]:
        """Return the next lines of other speakers, each as its sentences."""
        place = self._places[sentence.line_index] + 1
        turns = self._turns[place : place + REACH]
        return [turn for turn in turns if turn[0].line.speaker != sentence.line.speaker]

    def find_turns(self, sentence: Sentence) -> list[list[Sentence]]:
        """Return what other speakers say next, each as the sentences until somebody else speaks."""
        place = self._places[sentence.line_index] + 1
        said = [reply for line in self._turns[place : place + REACH] for reply in line]
        turns = [list(turn) for _, turn in groupby(said, key=lambda reply: reply.line.speaker)]
        return [turn for turn in turns if turn[0].line.speaker != sentence.line.speaker]

    def find_before(self, sentence: Sentence) -> list[Sentence]:
        """Return the sentences of the lines before, and of this line up to this sentence, the latest first."""
        place = self._places[sentence.line_index]
        nearby = [near for turn in self._turns[max(0, place - REACH) : place + 1] for near in turn]
        return [near for near in reversed(nearby) if near.order < sentence.order]


def is_question(sentence: Sentence) -> bool:
    """Tell a question by its mark, or by its word order where a speech recogniser wrote no marks."""
    last = sentence.text.rstrip("\"'”’»)] ")[-1:]
    if last in "?？":
        return True
    if last in ".!…。！,;:":
        return False
    return bool(ASKING_WORD.match(sentence.text) or INVERTED.match(sentence.text))
