"""Decisions: sentences that say that something was decided, and proposals that somebody else accepted."""

from dataclasses import dataclass

from transcripts.notes.cues import OPENING, PROPOSAL, compile_cues
from transcripts.notes.dates import find_date
from transcripts.notes.dialogue import REACH, Dialogue, is_question
from transcripts.notes.sentences import Sentence

# A shorter proposal, such as "let's do it", does not say what was proposed.
FEWEST_PROPOSAL_WORDS = 4

DECISION = compile_cues(r"""
    we('ve| have| all)? (all |just )?(decided|agreed|settled|resolved|chose|concluded)
    (it's|that's|is|was|has been) (all )?(decided|agreed|settled|approved|final|confirmed)
    (we'll|we will|we're going to|we are going to|let's|lets|let us) (all |just )?(go|stick|proceed) (ahead )?(with|for)
    (we're|we are) going (ahead )?with
    (the|our|my|final) decision (is|was)
    (motion|proposal|budget|plan|amendment|clause) (is |was )?(agreed|carried|approved|adopted)
    решили|решено|договорились|постановили|условились|утверждаем|утвердили|утверждено
    (значит|тогда|итак),? (останавливаемся|выбираем|бер[её]м)
    останавливаемся на
    (принимаем|приняли) решение
""")
# Another voice that accepts without reserve; "yes" and "okay" alone are said too lightly.
AGREEMENT = compile_cues(
    r"""
    agreed|i agree|approved|absolutely|perfect|deal
    (that )?sounds (good|great|fine|perfect)
    .*works for (me|us)
    (that's |that is )?(fine|good) (by|with|for) me
    (that's a )?(good|great) idea
    let's do (it|that)
    согласен|согласна|принято|поддерживаю|(отличная|хорошая) идея|я за
    """,
    before=OPENING,
)
DOUBT = compile_cues(r"""
    not|\w+n't|never|cannot|nobody|before we|if|whether|unless|until|yet|still to
    (write|say|pretend|suppose|imagine|claim|hope|think|believe|wish) that
    не|если|ли
""")


@dataclass(frozen=True, slots=True)
class Decision:
    sentence: Sentence
    agreement: Sentence | None = None


def find_decisions(dialogue: Dialogue) -> list[Decision]:
    decisions: dict[int, Decision] = {}
    for sentence in dialogue.sentences:
        decided = is_decided(sentence)
        if decided and sentence.terms:
            for order in [order for order, earlier in decisions.items() if _restates(sentence, earlier)]:
                del decisions[order]
            decisions[sentence.order] = Decision(sentence, _find_agreement(dialogue, sentence))
        elif decided or (AGREEMENT.match(sentence.text) and not is_question(sentence)):
            proposal = _find_proposal(dialogue, sentence, own=decided)
            if proposal:
                decisions.setdefault(proposal.order, Decision(proposal, sentence))
    return [decisions[order] for order in sorted(decisions)]


def is_decided(sentence: Sentence) -> bool:
    match = DECISION.search(sentence.text)
    if not match or is_question(sentence):
        return False
    return not DOUBT.search(sentence.text[: match.end()])


def _restates(sentence: Sentence, earlier: Decision) -> bool:
    """Tell whether a sentence sums up what was proposed and accepted a moment ago."""
    proposal = earlier.sentence
    if sentence.line_index - proposal.line_index > REACH or is_decided(proposal):
        return False
    same_date = "" != find_date(sentence.text) == find_date(proposal.text)
    return same_date or not set(sentence.terms).isdisjoint(proposal.terms)


def _find_agreement(dialogue: Dialogue, sentence: Sentence) -> Sentence | None:
    replies = (reply[0] for reply in dialogue.find_replies(sentence)[:2])
    return next((first for first in replies if AGREEMENT.match(first.text)), None)


def _find_proposal(dialogue: Dialogue, agreement: Sentence, *, own: bool) -> Sentence | None:
    for sentence in dialogue.find_before(agreement):
        if sentence.terms and is_decided(sentence):
            return None
        speaks = own or sentence.line.speaker != agreement.line.speaker
        if speaks and len(sentence.words) >= FEWEST_PROPOSAL_WORDS and PROPOSAL.search(sentence.text):
            return sentence
    return None
