"""Acceptances: whether what was asked was taken on, by whom, and with which words."""

from transcripts.notes import task_cues as cues
from transcripts.notes.dates import find_date
from transcripts.notes.dialogue import Dialogue, is_question
from transcripts.notes.sentences import Sentence

# A reply may begin with a word or two that say nothing: "Right. Sure, I'll do it."
FIRST_SENTENCES = 2


def is_refused(asked: Sentence, dialogue: Dialogue, addressed: str) -> bool:
    return any(cues.REFUSAL.match(sentence.text) for sentence in _find_reply(asked, dialogue, addressed)[:1])


def find_acceptance(asked: Sentence, dialogue: Dialogue, addressed: str) -> list[Sentence]:
    """Return the sentences by which whoever was addressed, or else the next speaker, takes on what was asked."""
    reply = _find_reply(asked, dialogue, addressed)
    for place, sentence in enumerate(reply[:FIRST_SENTENCES]):
        if _accepts(sentence, asked):
            return [sentence, *(more for more in reply[place + 1 :] if _offers(more, asked))]
    return []


def find_offer(asked: Sentence, dialogue: Dialogue) -> list[Sentence]:
    """Return the sentence by which anybody takes on what was asked of nobody, or was refused."""
    turns = [turn for turn in dialogue.find_turns(asked) if not _passes(turn[0])]
    for place, turn in enumerate(turns):
        for sentence in turn:
            # Later on "I can do that" speaks of something else.
            if _offers(sentence, asked) and (sentence.terms or not place):
                return [sentence]
    return []


def choose_receipt(acceptance: list[Sentence]) -> Sentence | None:
    """Return the sentence of an acceptance that says most: the one with a date, or else the first."""
    return next((sentence for sentence in acceptance if find_date(sentence.text)), next(iter(acceptance), None))


def _find_reply(asked: Sentence, dialogue: Dialogue, addressed: str) -> list[Sentence]:
    turns = dialogue.find_turns(asked)
    return next((turn for turn in turns if addressed in ("", turn[0].line.speaker)), [])


def _passes(sentence: Sentence) -> bool:
    return sentence.is_back_channel or bool(cues.REFUSAL.match(sentence.text))


def _accepts(sentence: Sentence, asked: Sentence) -> bool:
    if is_question(sentence):
        return False
    same_subject = not sentence.terms or not set(sentence.terms).isdisjoint(asked.terms)
    return bool(cues.ACCEPTANCE.match(sentence.text) or (same_subject and cues.OFFER.match(sentence.text)))


def _offers(sentence: Sentence, asked: Sentence) -> bool:
    """Tell whether a sentence promises nothing but what was asked."""
    offered = cues.OFFER.match(sentence.text) or cues.PROMISE.search(sentence.text)
    return bool(offered) and set(sentence.terms) <= set(asked.terms) and not is_question(sentence)
