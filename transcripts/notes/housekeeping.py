"""Housekeeping: what people ask to keep a meeting going, and not about its subject."""

from transcripts.notes.cues import OPENING, compile_cues
from transcripts.notes.task_cues import is_momentary

_SOMEBODY = "(you|we|they|any(one|body)|some(one|body)|every(one|body))"
_HAVE = f"((is|was|are) there|(do|does|did|has|have) {_SOMEBODY})( have| got)?"
_EVERYONE = "(you|you all|we|we all|they|every(one|body)|any(one|body)|all of you)"
_START = "(start|begin|get started|go on|continue|proceed|move on|go ahead)"
_FOR_NOW = "(for|from|to|that|we|you|on (your|the)|before|today|now)"
# "Paul, are you ready?", but not "When are you ready?"
_NAMED = rf"{OPENING}(?:(?!(?:what|when|where|who|why|how|which)\b)\w+[\s,]+)?"
_END = r"(?=\W*$)"
HOUSEKEEPING = compile_cues(
    rf"""
    ({_HAVE} )?(still )?anything (else|more|to add)( {_FOR_NOW}\b.*)?{_END}
    ({_HAVE} )?(still )?(any|some) (other |more |further |last |final )?(questions?|comments?|remarks?|other business)
    ({_HAVE} )?(any|some) (other|more|further|last|final) (points?|topics?|things?|issues?|items?|subjects?)
    (shall|should|can|could|may) (we|i) (all |just |now )?{_START}( (now|then|here)| (with|to) .*)?{_END}
    (are|is) {_EVERYONE} (all |still |here and )?(ready( to (start|begin|go|continue))?|here|there|present|online){_END}
    (are|is) {_EVERYONE} (all )?(done|finished|fine|okay|ok|good)( with (that|this|it))?{_END}
    (are|is) we (all )?(here|there|complete|recording)
    (can|do|could) {_EVERYONE} (all )?(hear|see) (me|us|my|it|this|that|the (screen|slides?|picture|board))
    (can|could|may) i (just )?(welcome|interrupt|come in|say|add|ask (you )?(a|one|another) (\w+ )?question)
    (am i|is my (sound|screen|mic|microphone|camera|video)) (audible|visible|muted|okay|ok|on|working)
    (does|did) (that|this|it) make sense|(do )?you know what i mean
    how are (you|things)|how do you do|how is it going|what('s| is) next
    (what|sorry) (did|was) (you say|that){_END}
    ((есть|остались|будут) )?((какие(-то|-нибудь)?|у кого-нибудь) )?((ещё|еще) )?(есть )?вопросы{_END}
    (что-то|что-нибудь|что) (ещё|еще)( \w+){{0,2}}{_END}
    (все|всё) (\w+ )?(здесь|на месте|готовы|собрались|слышат|видят)
    (начн[её]м|начинаем|продолжим|можем (начинать|продолжать)|готовы|ид[её]м дальше|как дела)( \w+)?{_END}
    """,
    before=_NAMED,
)


def is_housekeeping(text: str) -> bool:
    return is_momentary(text) or bool(HOUSEKEEPING.match(text))
