"""Questions, and the sentences of others that answer them."""

from dataclasses import dataclass

from transcripts.notes.cues import OPENING, PROPOSAL, compile_cues
from transcripts.notes.dialogue import ASKING_WORD, Dialogue, is_question
from transcripts.notes.people import People
from transcripts.notes.sentences import Sentence
from transcripts.notes.task_cues import REQUEST, TELLING

# A shorter question, such as "really?", asks nothing that could be noted.
FEWEST_WORDS = 3

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
# Words that put a question aside rather than answer it.
EVASION = compile_cues(r"""
    (don't|do not) know|no idea|not (really )?sure|good question|(have|need) to (check|ask|find out)
    (i'll|let me) (check|find out|ask)
    (come|get) back to (that|you|it)
    (let's|lets) (move|skip|discuss|talk|start|leave)
    next (topic|item|point)
    by the way|anyway
    не знаю|понятия не имею|не уверен\w*|хороший вопрос|(надо|нужно) (узнать|проверить|уточнить|спросить)|уточню
    давайте (дальше|перейд\w+|потом|начн\w+|обсудим)|следующий вопрос|кстати
""")


@dataclass(frozen=True, slots=True)
class Question:
    sentence: Sentence
    answer: tuple[Sentence, ...] = ()


def find_questions(dialogue: Dialogue, people: People) -> list[Question]:
    return [
        Question(sentence, _find_answer(sentence, dialogue, people))
        for sentence in dialogue.sentences
        if is_question(sentence) and sentence.terms and len(sentence.words) >= FEWEST_WORDS and not _requests(sentence)
    ]


def _requests(sentence: Sentence) -> bool:
    return bool(REQUEST.search(sentence.text)) and not TELLING.search(sentence.text)


def _find_answer(question: Sentence, dialogue: Dialogue, people: People) -> tuple[Sentence, ...]:
    for turn in dialogue.find_replies(question):
        first = turn[0]
        # A proposal may be put as a question and be the way to the answer; any other question leads away from it.
        if EVASION.search(first.text) or (is_question(first) and not PROPOSAL.search(first.text)):
            return ()
        for place, sentence in enumerate(turn):
            if answers(sentence, question, people):
                # A bare "Yes." is followed by what it means, where the speaker went on.
                return tuple(turn[place : place + (2 if len(sentence.words) < FEWEST_WORDS else 1)])
    return ()


def answers(sentence: Sentence, question: Sentence, people: People) -> bool:
    """Tell whether a sentence has what was asked for: a person, a time, a number, or anything of substance."""
    asked, said = question.text, sentence.text
    if is_question(sentence) or EVASION.search(said):
        return False
    if WHO.match(asked):
        return bool(PERSON.search(said)) or not people.words.isdisjoint(sentence.words)
    if WHEN.match(asked):
        return bool(TIME.search(said))
    if HOW_MUCH.match(asked):
        return bool(NUMBER.search(said))
    substantial = len(sentence.words) > 1 and not sentence.is_back_channel
    return substantial or (not ASKING_WORD.match(asked) and bool(YES_OR_NO.match(said)))
