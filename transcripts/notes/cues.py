"""Cues: the turns of phrase, English and Russian, by which a kind of sentence is known."""

import re

APOSTROPHE = r"\s?['’]\s?"
# What may stand before the words that matter: "okay, so when do we…", "ну а когда…".
OPENING = (
    r"^\W*(?:(?:ok|okay|so|and|but|well|um|uh|er|now|then|alright|right|yes|yeah|no|great|good|oh|hey|hi|hello|sorry|thanks"
    r"|а|и|ну|но|так|да|хорошо|ладно|тогда|отлично)\b[\s,.:;—-]*)*"
)


def compile_cues(phrases: str, *, before: str = r"\b") -> re.Pattern[str]:
    """Compile a pattern out of phrases, one on each line; `before` is what must stand before any of them.

    A phrase is a regular expression in which a space is any white space and an apostrophe is any of its forms.
    """
    return re.compile(f"{before}(?:{spell(phrases)})\\b", re.IGNORECASE)


def spell(phrases: str) -> str:
    lines = (line.strip() for line in phrases.splitlines())
    return "|".join(filter(None, lines)).replace("'", f"(?:{APOSTROPHE})").replace(" ", r"\s+")


PROPOSAL = compile_cues(r"""
    (let's|lets|let us) (?!see\b|start\b|move\b|begin\b|say\b|talk\b|look\b|hear\b|not\b|me\b|discuss\b|go\b|hope\b)\w+
    i('d| would| do)? (suggest|propose|recommend)
    my (suggestion|proposal) is
    (how|what) about
    shall we
    why don't we
    we (should|could)
    давайте (?!начн|посмотр|перейд|обсуд|дальше|поговор|подожд)\w+
    предлагаю
    может быть
    надо бы
""")

# What a meeting is for, or has come to, is said with these words.
PURPOSE = compile_cues(r"""
    today we
    (purpose|goal|aim|agenda|reason) (of|for|is|today|why)
    (we're|we are) here to
    this meeting
    in (summary|short)
    to sum up
    сегодня (мы|нам|надо|нужно)
    цель (встречи|нашей)
    на повестке
    подводя итог
""")

OPEN_POINT = compile_cues(r"""
    (haven't|have not|hasn't|has not|didn't|did not|isn't|is not|not) (yet )?(been )?(decide|agree|settle|confirm)(e?d)?
    (still|remains?) (unclear|undecided)
    (question|point|issue|matter|it|this|that)('s| is| remains) (still )?open(?! (to|for|on|until|from|at|and)\b)
    to be (decided|confirmed|clarified|seen)
    unclear
    undecided
    (isn't|is not|not) (yet )?clear
    need to clarify
    open question
    (we|i) don't know yet
    nobody knows
    не (решили|решено|ясно|понятно|договорились|определились)
    непонятно
    неясно
    (надо|нужно) уточнить
    открытый вопрос
    под вопросом
""")

# Amounts of something are facts that people come back to.
AMOUNT = compile_cues(r"""
    \d[\d.,]*|(hundred|thousand|million|billion|dozen)s?|percent|per cent|(euro|dollar|pound|rouble|ruble)s?
    (сто|двести|триста|тысяч[аиу]?|миллион\w*|процент\w*|рубл\w+|евро|доллар\w*)
""")

TOPIC_CHANGE = compile_cues(
    r"""
    (let's|lets|let us|shall we|we can|we should|i'd like to|i want to) (now )?(move on|move to|turn to|talk about)
    (let's|lets|let us|shall we|we can|we should|i'd like to|i want to) (now )?(go on|go to|get to|start with|discuss)
    (moving|turning) (on|to)
    (the |our |my )?(next|last|final|second|third|another) (topic|item|point|thing|question|one|agenda|subject|issue)
    next (is|up|on)
    on to the
    item (number )?\w+
    (about|regarding|as for) (the|our)
    finally
    any other business
    (давайте )?(перейд[её]м|переходим)
    (следующий|последний|(ещё|еще) один) (вопрос|пункт)
    теперь (про|о|об|по|давайте)
    дальше (по|у нас)
    что касается
    """,
    before=OPENING,
)
