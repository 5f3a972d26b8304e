"""Decisions: sentences that say that something was decided, and proposals that somebody else accepted."""

from dataclasses import dataclass

from transcripts.notes.cues import OPENING, PROPOSAL, compile_cues
from transcripts.notes.dates import find_date
from transcripts.notes.dialogue import REACH, Dialogue, is_question
from transcripts.notes.sentences import Sentence

# A shorter proposal, such as "let's do it", does not say what was proposed.
FEWEST_PROPOSAL_WORDS = 4

_DECIDED = "(decided|agreed|settled|resolved|chose|concluded)"
# What ends in "we agreed on" speaks of something decided before.
DECISION = compile_cues(rf"""
    (?<!\bwhat\s)(?<!\bas\s)we('ve| have| all)? (all |just )?{_DECIDED}\b(?! (on|upon|about|for)\W*$)
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
NO_DECISION = compile_cues(r"""
    (with|for) (\w+ ){0,3}(presentations?|break|lunch|coffee)
    decided\W+('cause|because)
""")
# Says that something was decided, but not what.
POINTING = compile_cues(
    r"(it|that|this)('s| is| was| has been) (all )?(decided|agreed|settled|approved|final|confirmed)(?=\W*$)",
    before=OPENING,
)
# "Can we pay that?" is a proposal where the one who asked calls it approved.
ASKED_LEAVE = compile_cues("(can|could|may|should|shall) (we|i)", before=OPENING)
# The chair sums up what was agreed: "Good, so we launch in May."
SUMMING_UP = compile_cues(
    r"(good|great|okay|ok|fine|perfect|right|all ?right|excellent|so|then|хорошо|отлично|итак|значит|тогда)[\s,.]+"
    r"(so |then |and )?(we|мы|(it|that)('s| is))",
    before=r"^\W*",
)
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
    as soon as|once|when|whenever
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
        restated = [order for order, earlier in decisions.items() if _restates(sentence, earlier)]
        decided = is_decided(sentence) or bool(restated and _sums_up(sentence))
        if decided and sentence.terms and not POINTING.match(sentence.text):
            for order in restated:
                del decisions[order]
            decisions[sentence.order] = Decision(sentence, _find_agreement(dialogue, sentence))
        elif decided or (AGREEMENT.match(sentence.text) and not is_question(sentence)):
            proposal = _find_proposal(dialogue, sentence, own=decided)
            if proposal:
                decisions.setdefault(proposal.order, Decision(proposal, sentence))
    return [decisions[order] for order in sorted(decisions)]


def is_decided(sentence: Sentence) -> bool:
    match = DECISION.search(sentence.text)
    if not match or is_question(sentence) or NO_DECISION.search(sentence.text):
        return False
    return not DOUBT.search(sentence.text[: match.end()])


def _sums_up(sentence: Sentence) -> bool:
    return bool(SUMMING_UP.match(sentence.text)) and not is_question(sentence) and not DOUBT.search(sentence.text)


def _restates(sentence: Sentence, earlier: Decision) -> bool:
    """Tell whether a sentence sums up what was proposed and accepted a moment ago."""
    proposal = earlier.sentence
    if sentence.line_index - proposal.line_index > REACH or is_decided(proposal):
        return False
    date, proposed = find_date(sentence.text).casefold(), find_date(proposal.text).casefold()
    same_date = bool(date and proposed) and (date in proposed or proposed in date)
    return same_date or not set(sentence.terms).isdisjoint(proposal.terms)


def _find_agreement(dialogue: Dialogue, sentence: Sentence) -> Sentence | None:
    replies = (reply[0] for reply in dialogue.find_replies(sentence)[:2])
    return next((first for first in replies if AGREEMENT.match(first.text)), None)


def _find_proposal(dialogue: Dialogue, agreement: Sentence, *, own: bool) -> Sentence | None:
    for sentence in dialogue.find_before(agreement):
        if sentence.terms and is_decided(sentence):
            return None
        speaks = own or sentence.line.speaker != agreement.line.speaker
        proposes = PROPOSAL.search(sentence.text) or (own and ASKED_LEAVE.match(sentence.text))
        if speaks and proposes and len(sentence.words) >= FEWEST_PROPOSAL_WORDS:
            return sentence
    return None
