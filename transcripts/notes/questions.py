"""Questions, and the sentences of others that answer them."""

from collections.abc import Sequence
from dataclasses import dataclass

from transcripts.notes.cues import OPEN_POINT, OPENING, PROPOSAL, compile_cues
from transcripts.notes.dialogue import ASKING_WORD, INVERTED, Dialogue, is_question
from transcripts.notes.housekeeping import is_housekeeping
from transcripts.notes.people import People
from transcripts.notes.sentences import Sentence
from transcripts.notes.task_cues import TELLING, is_requested

# A shorter question, such as "really?", asks nothing that could be noted.
FEWEST_WORDS = 3
# A longer one is a speech with a question somewhere in it.
MOST_WORDS = 45
# How many lines a talk about a date takes until it is decided.
SETTLING = 8

_NAMED = rf"{OPENING}(?:\w+[\s,]+)?"
WHO = compile_cues("who|whom|whose|кто|чей|чья|кому|у кого", before=_NAMED)
WHEN = compile_cues(
    "when|what (time|date|day)|how soon|by when|which (day|date|week)|когда|во сколько|в какой день|к какому",
    before=_NAMED,
)
HOW_MUCH = compile_cues("how (much|many|long|big|often)|сколько|как долго", before=_NAMED)
PERSON = compile_cues(r"""
    i|me|we|us|he|she|him|her|they|them|you|my|team|everyone|somebody|nobody|none
    я|мы|он|она|они|ты|вы|мне|нам|ему|ей|команда|все|никто
""")
# "The caretaker has it."
SOMEBODY = compile_cues(r"(the|our|a|an) (\w+ ){1,2}?(has|have|does|do|did|will|can|would|should)", before=OPENING)
TIME = compile_cues(r"""
    \d+\w*|soon|now|later|today|tonight|tomorrow|yesterday|weekend|noon|midnight|after|before|once|when|until
    early|late|already|never|(week|month|year|day|hour|minute|morning|afternoon|evening)s?
    (mon|tues|wednes|thurs|fri|satur|sun)day
    january|february|march|april|(in|of|by) may|june|july|august|september|october|november|december
    spring|summer|autumn|fall|winter|at (one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)
    (послеза|за)втра|сегодня|вчера|скоро|сейчас|потом|после|до|через|весной|летом|осенью|зимой
    (понедельник|вторник|сред[аыеу]|четверг|пятниц|суббот|воскресень|недел|месяц|утр|вечер|час)\w*
    (январ|феврал|март|апрел|июн|июл|август|сентябр|октябр|ноябр|декабр)\w*|ма[яе]
""")
NUMBER = compile_cues(r"""
    \d\S*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty
    seventy|eighty|ninety|hundred|thousand|million|half|dozen|none|nothing|free|few|lot|couple|enough|zero|much|many
    один|одна|одну|два|две|три|четыре|пять|шесть|семь|восемь|девять|десять|\w+надцать|двадцать|тридцать|сорок
    пятьдесят|сто|двести|триста|тысяч\w*|миллион\w*|немного|много|мало|полчаса|час|неделю|месяц|день
""")
# A whole answer to a question of yes or no, short as it is.
YES_OR_NO = compile_cues(
    "yes|yeah|yep|no|nope|sure|of course|absolutely|correct|exactly|definitely|not yet|да|нет|конечно|точно|пока нет",
    before=r"^\W*",
)
REMARK = compile_cues("the|this|that|it|it's|we|you|they|we're|you're")
# Words that put a question aside rather than answer it.
EVASION = compile_cues(r"""
    (don't|do not|doesn't|didn't) (really |yet )?(know|remember|recall)|no idea|not (really )?sure|good question
    ((have|need|want) to|i'd) (check|look (it|that) up|ask|find out)|(can't|cannot|hard to) (say|tell)
    (i'll|i will|let me|we'll|we will|we'd) (have to |need to )?(check|find out|ask|clarify|look into|see)
    (come|get|go) back to (that|this|you|it)
    (let's|lets|let us) (not )?(move|skip|discuss|talk|start|leave|wait|see|postpone|park|decide|clarify|check|come)
    (let's|lets|let us) take (it|this|that)
    (will|can|could|should|must|to|we'll) (discuss|decide|talk about|clarify|postpone) (it|this|that|later|next)
    (decide|discuss|talk about|clarify) (it|this|that|this question|that question) (later|next|tomorrow|another time)
    (didn't|did not|couldn't|could not|can't) (quite )?(hear|catch|get|understand) (you|that|it|this|the)
    (i|we) missed (that|the|it)
    next (topic|item|point)
    by the way|anyway
    не знаю|понятия не имею|не уверен\w*|хороший вопрос|(надо|нужно) (узнать|проверить|уточнить|спросить)|уточню
    давайте (дальше|перейд\w+|потом|начн\w+|обсудим)|следующий вопрос|кстати
""")


@dataclass(frozen=True, slots=True)
class Question:
    sentence: Sentence
    answer: tuple[Sentence, ...] = ()


def find_questions(dialogue: Dialogue, people: People, settled: Sequence[Sentence] = ()) -> list[Question]:
    """Return the questions with their answers; `settled` holds the decisions, which outdo the first reply."""
    questions = [
        Question(sentence, _find_settled(sentence, settled) or _find_answer(sentence, dialogue, people))
        for sentence in dialogue.sentences
        if is_question(sentence) and _asks_to_know(sentence)
    ]
    return [question for question in questions if not _seeks_nod(question)]


def _asks_to_know(sentence: Sentence) -> bool:
    text = sentence.text
    if not sentence.terms or not FEWEST_WORDS <= len(sentence.words) <= MOST_WORDS or is_housekeeping(text):
        return False
    return not is_requested(text) or bool(TELLING.search(text))


def _seeks_nod(question: Question) -> bool:
    """Tell whether it is a remark, in English, that only its mark makes a question and nobody did more than nod to."""
    text = question.sentence.text
    remarks = REMARK.search(text) and not (ASKING_WORD.match(text) or INVERTED.match(text))
    return bool(remarks) and all(answer.is_back_channel for answer in question.answer)


def _find_settled(question: Sentence, settled: Sequence[Sentence]) -> tuple[Sentence, ...]:
    """Return the decision on which the talk after "when?" settled."""
    if not WHEN.match(question.text):
        return ()
    for decision in settled:
        near = 0 < decision.line_index - question.line_index <= SETTLING
        if near and TIME.search(decision.text) and not set(question.terms).isdisjoint(decision.terms):
            return (decision,)
    return ()


def _find_answer(question: Sentence, dialogue: Dialogue, people: People) -> tuple[Sentence, ...]:
    for turn in dialogue.find_replies(question):
        first = turn[0]
        # A proposal may be put as a question and be the way to the answer; any other question leads away from it.
        if evades(first) or (is_question(first) and not PROPOSAL.search(first.text)):
            return ()
        for place, sentence in enumerate(turn):
            if answers(sentence, question, people):
                # A bare "Yes." is followed by what it means, where the speaker went on.
                return tuple(turn[place : place + (2 if len(sentence.words) < FEWEST_WORDS else 1)])
    return ()


def evades(sentence: Sentence) -> bool:
    return bool(EVASION.search(sentence.text) or OPEN_POINT.search(sentence.text))


def answers(sentence: Sentence, question: Sentence, people: People) -> bool:
    """Tell whether a sentence has what was asked for: a person, a time, a number, or anything of substance."""
    asked, said = question.text, sentence.text
    if is_question(sentence) or evades(sentence):
        return False
    if WHO.match(asked):
        named = not people.words.isdisjoint(sentence.words)
        return named or bool(PERSON.search(said) or SOMEBODY.match(said))
    if WHEN.match(asked):
        return bool(TIME.search(said))
    if HOW_MUCH.match(asked):
        return bool(NUMBER.search(said))
    substantial = len(sentence.words) > 1 and not sentence.is_back_channel
    return substantial or (not ASKING_WORD.match(asked) and bool(YES_OR_NO.match(said)))
