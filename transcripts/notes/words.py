"""Words and terms: tokens of any script, stop lists for English and Russian, and a light stemmer."""

import re

WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")

# Function words, fillers, and the verbs and adverbs that every conversation is full of whatever it is about.
_ENGLISH = """
a about above actually after afterwards again against agree agreed ago ah ahead alright all almost along already also
although always am an and another any anybody anyhow anyone anything anyway are aren't around as ask asked at away
back basically be because become been before began being below best better between big bit both bring but by bye call
came can can't cannot cause certain certainly come comes coming could couldn't couple course day days decide decided
definitely did didn't different do does doesn't doing don't done down during each eh either else end enough er erm
especially even ever every everybody everyone everything exactly example fact far feel few fine first for forward from
full further gave get gets getting give given gives giving glad go god goes going gone gonna good got gotta great
guess guy guys had hadn't happen happened happens hard has hasn't have haven't having he he'd he'll he's hear heard
hello help hence her here here's hers herself hey hi him himself his hm hmm hold hope how how's however huh i i'd i'll
i'm i've idea if important in indeed instead into is isn't it it'd it'll it's its itself just keep kind knew know
known knows last later least left less let let's lets like likely little ll long look looked looking looks lot lots
made main make makes making many matter may maybe me mean means meet mention mentioned might mind mine mm mm-hmm mm-mm
more morning most mostly move mr mrs ms much must mustn't my myself name near nearly need needed needs never new next
nice no nobody none nope nor not note nothing now number of off often oh ok okay old on once one ones only onto or
other others otherwise ought our ours ourselves out over own part particular particularly people perfect perhaps place
please point possible possibly pretty probably put question quickly quite rather re read really reason regard
regarding remember right run said same saw say saying says second see seem seems seen sense sent set several shall she
she'd she'll she's short should shouldn't show since small so some somebody somehow someone something sometimes
somewhat sorry sort sound sounds speak start started still stuff such sure take taken takes taking talk talked talking
tell ten than thank thanks that that'd that'll that's the their theirs them themselves then there there's therefore
these they they'd they'll they're they've thing things think thinking third this those though thought three through
thus till time times to today together told tomorrow tonight too took totally toward towards tried true try trying
turn two type uh uh-huh uhm um under understand unless until up upon us use used useful uses using usually very via
want wanted wants was wasn't way ways we we'd we'll we're we've week welcome well went were weren't what what's
whatever when where where's whereas whether which while who who's whoever whole whom whose why will wish with within
without won't wonder word words work working works would wouldn't wow wrong yah yeah year years yep yes yesterday yet
you you'd you'll you're you've your yours yourself yourselves ain't wanna ve four five six seven eight nine hundred
thousand million dunno cool bad lovely anymore minute minutes month months hour hours afternoon evening monday tuesday
wednesday thursday friday saturday sunday add added open close easy easily high low side top soon able live wait worth
obviously absolutely whereby nah send check january february march april june july august september october november
december cuz kay hafta interesting dear continue gentlemen ladies joining
"""
_RUSSIAN = """
а абсолютно алло без более больше будем будет будете будешь будто буду будут бы был была были было быть в вам вами вас
ваш ваша ваше ваши ведь весь во вообще вот времени время все всего всем всеми всех всё вся всю вы где говорил говорила
говорим говорит говорить говорят года год да давай давайте даже далее дальше два две делаем делать дело день для до
добрый должен должна должно должны достаточно друг другие другой другую его ее ей ему если есть еще ещё ею её же
завтра за здесь здравствуйте знает знаешь знаю значит и из или им именно иметь имеет ими их к каждый как какая какие
какого какой какую ко когда кое конечно который которая которое которые которого которой которую которых короче кстати
кто куда ладно ли либо лучше люди меня мне много можем может можете можешь можно мог могла могли могу могут мной мои
мой моя мы на над надо например нам нами нас наш наша наше наши не него нее ней некоторые нельзя нему несколько нет
неё ни нибудь никак никто ними них ничего но ну нужен нужна нужно нужны о об обычно один одна одно одного одной ок
окей около он она они оно опять от очень первый перед по под пожалуйста пока понял поняла понятно понимаю после
послезавтра потом потому почему почти правильно при привет примерно про просто пусть пять раз раза разве с сам сама
сами самое самый сделать сегодня сейчас себе себя сказал сказала сказать скажи сколько скорее слишком случае смотри
смотрите снова со совсем согласен согласна спасибо стал стало столько сторону так такая также таки такие такое такой
такую там твой тебе тебя тем теперь то тобой тогда того тоже той только том тому тот точно три ту тут ты тысяч у угу
уж уже успеем хорошо хотел хотела хотелось хотим хочет хочу хотя хоть чего чей чем через чему четыре что чтоб чтобы
чуть эта эти этим этих это этого этой этом этому этот эту я ага вроде видимо всегда вчера думаю думаем кажется коллеги
наверное недели неделе неделю неделя понедельник вторник среда среду четверг пятница пятницу пятницы суббота
воскресенье принято решили решено договорились итак сделаю сделаем сделаешь утром вечером января февраля марта апреля
мая июня июля августа сентября октября ноября декабря
"""

STOP_WORDS = frozenset(f"{_ENGLISH} {_RUSSIAN}".split())

# A line made of these alone only says that somebody is listening.
_LISTENING = """
absolutely agreed ah alright bye cool course definitely exactly fine good great hello hey hi hm hmm huh i know mhm mm
mm-hmm nice no nope of oh ok okay perfect right see so sounds sure thank thanks that's true uh uh-huh um well yeah yep
yes you ага алло всем да добрый день до здравствуйте конечно ладно нет ну ок окей отлично пока понятно понял поняла
привет свидания согласен согласна спасибо точно так угу хорошо ясно
"""
BACK_CHANNELS = frozenset(_LISTENING.split())

_RUSSIAN_ENDING = re.compile(
    r"(?:иями|ями|ами|ого|его|ому|ему|ыми|ими|ой|ей|ий|ый|ая|яя|ое|ее|ые|ие|ия|ии|ию|ов|ев|ам|ям|ах|ях|ом|ем|ую|юю|ью"
    r"|[аяоеиыуюьй])$"
)
_ENGLISH_ENDING = re.compile(r"(?:ings?|ed|e|es|s)$")


def find_words(text: str) -> list[str]:
    return [fold(match[0]) for match in WORD.finditer(text)]


def fold(word: str) -> str:
    return word.casefold().replace("’", "'")


def find_term(word: str) -> str:
    """Return the stem under which a folded word is counted, or an empty string where it says nothing of the subject."""
    word = word.removesuffix("'s")
    if len(word) < 3 or word in STOP_WORDS or not word[0].isalpha() or word.isdigit():
        return ""
    return stem(word)


def stem(word: str) -> str:
    """Cut the ending of a folded word, so that "prices" and "pricing", "смета" and "смету" are one term."""
    if word.isascii():
        shorter = word if word.endswith(("ss", "us", "is")) else _ENGLISH_ENDING.sub("", word)
        return shorter if len(shorter) >= 3 else word
    shorter = _RUSSIAN_ENDING.sub("", word)
    return shorter if len(shorter) >= 3 else word
