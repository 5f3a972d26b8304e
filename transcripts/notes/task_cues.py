"""Cues of tasks: promises, requests for now and for later, duties, and what is said in reply to them."""

import re

from transcripts.notes.cues import compile_cues, spell
from transcripts.notes.dates import find_date

_VERBS = r"""
    add|announce|approve|arrange|ask|assemble|assign|attach|book|bring|build|buy|calculate|call|cancel|change|check
    circulate|clean|collect|compare|complete|confirm|contact|coordinate|copy|cover|create|deliver|demo|deploy|design
    develop|document|do|download|draft|draw|drive|edit|e-?mail|estimate|file|fill|finali[sz]e|find|finish|fix|follow
    forward|gather|get (the|an?|us|you|quotes?|in touch|hold)|handle|hire|implement|inform|install|investigate|invite
    invoice|lead|list|look (into|up)|mail|make|measure|message|migrate|negotiate|notify|obtain|order|organi[sz]e|pay
    phone|pick|post|prepare|present|print|process|produce|propose|provide|publish|purchase|put|rent|renew|reply|report
    request|research|reserve|resolve|review|rewrite|ring|run|schedule|search|send|set up|share|ship|sign|sketch|solve
    speak (to|with)|submit|summari[sz]e|take (care|this|it on|the|over|notes|minutes|photos|pictures)|talk to|test
    translate|update|upload|verify|visit|write
"""
_ADVERBS = (
    "(also |then |just |quickly |please |definitely |probably |try to |personally |now |be able to |go and ){0,2}"
)
_TASK = f"{_ADVERBS}({spell(_VERBS)})"
# Stems, as the endings say who does it and whether it is asked, promised or told.
_RUSSIAN = (
    "(отправ|пришл|присла|вышл|высла|подготов|сдела|додела|закон|позвон|провер|напи[шс]|най[дт]|зака[жз]|заброниру"
    "|узна|уточн|согласу|согласов|обнов|состав|скин|куп[лиь]|опла[чт]|собер|собра|исправ|займ|оформ|переда|поговор"
    r"|сообщ|организ|подпи[шс]|протестир|посчита|распечат)\w*"
)

# Verbs of the list that say something else together with these words.
NO_TASK = compile_cues(r"""
    (will|'ll) have (\w+ ){0,2}(next|another) meeting
    get (a (sense|feel|bit)|the (feeling|idea|sense|entire|most))
    make (sense|it (clear|short|quick))
    do ((that|it) (now|first)|you|with)
    ask (you|a question|one more|another|if|about|when|whether|why|what|how)
    put it (this|that|another) way
    call (it|that|this)
    speak to that
    add (that|to that|something|one thing|a comment)
    find (that|it)
    talk to you
    present (to )?you
    pick up (on|where)
    ask (this|that|these|those|my|your|our) questions?
    do away
    (i'll|i will|i can|i'm going to) (just |quickly )?share (my|the) (screen|desktop|window|camera)
    let me (just |quickly |first )?(add|check|draw|find|finish|follow|open|pick|present|process|put|read|run|write)
    let me (just |quickly |first )?(share|show|start|summari[sz]e|report|update you|take|make|do|get)
""")
# What is asked for this very moment is done before the meeting ends; what comes after "and" may be for later.
_SHARED = "(screen|desktop|window|camera)"
_SOUND = "(camera|mic|microphone|sound|video|volume)"
_ASKED = "(you|please) (please |just |all |maybe ){0,2}"
_MOMENTARY = r"(repeat|wait|proceed|listen|scroll|zoom|slow down|introduce yourself|bear with|spell)"
MOMENT = compile_cues(rf"""
    (share|show) (\w+ )?{_SHARED}\b(?! recording)(?! and {_TASK})
    (un)?mute( (your|the|my) \w+| yourself)?\b(?! and {_TASK})
    (turn|switch) ((on|off|up|down) )?(your|the) {_SOUND}
    {_ASKED}({_MOMENTARY}|show (us|me)|hold on|hang on|go (ahead|on|back|first|next)|stop (there|here|sharing))
    {_ASKED}(start|begin|continue)\b(?! (the|a|an|our|your|my|on|in)\b(?! (meeting|presentation|demo|recording)\b))
    {_ASKED}(say (that|it|this)|take a (seat|look|moment|break)|come (in|closer)|speak up)
    {_ASKED}(speak|talk|look)\b(?! (to|with|into|after|up)\b)
    (you|every(one|body)|any(one|body)|they) (all |still |now )?(hear|see) (me|us|my|it|this|that)
    (you|every(one|body)|any(one|body)|they) (all |still |now )?(hear|see) the (screen|slides?|picture|board)
    next slide
    (wait|just) (a|one) (second|moment|minute)
    (повтори|подожди|продолжай|начинай|начни|покажи|говори)(те)?
    поделись (\w+ )?экраном|(включи|выключи)(те)? (\w+ )?(микрофон|камеру|звук|экран)
    (можешь|можете|можно) (\w+ )?(повторить|подождать|начать|начинать|показать|поделиться|продолжить)
    (меня|экран) (\w+ )?(слышно|видно|слышите|видите)|(слышите|видите|слышно|видно) (\w+ )?(меня|экран)
""")
PROMISE = compile_cues(rf"""
    (i'll|i will|i shall|i'm going to|i am going to|i'm gonna|i can|let me|i (need|have) to|i promise to) {_TASK}
    {_RUSSIAN}(у|ю|усь|юсь)
    передам
    (беру|возьму) на себя
    с меня
""")
# A promise of anything else counts where a date stands in the same sentence.
DATED_PROMISE = compile_cues(
    r"""
    (i|we)('ll| will) (?!(be|see|meet|talk|think|know|say|tell|go|not|never|come)\b)(?!(move|start|begin|turn)\b)\w+
    """
)
TOGETHER = compile_cues("we")
# What is imagined, guessed or put into another's mouth is no promise.
CONDITION = compile_cues("if|whether|unless|i guess|says|(will|would|might|can|could|people|they) say|если|ли")
REQUEST = compile_cues(rf"""
    (can|could|will|would) you (please )?{_TASK}
    (i need you|i'd like you) to {_TASK}
    please {_TASK}
    make sure (you|to|that you) {_TASK}
    (можешь|можете|сможешь|сможете) (\w+ ){{0,3}}?{_RUSSIAN}ть
    (нужно|надо),? чтобы (ты|вы)
    пришли(те)? (мне|нам|всем|пожалуйста)
    (сделай|подготовь|отправь|позвони|проверь|напиши|найди|закажи|забронируй|узнай|уточни|согласуй|обнови)(те)?
    (составь|купи|собери|оформи|исправь|передай|сообщи|организуй)(те)?
""")
# "How will you take it there?" asks to be told.
ASKED_HOW = re.compile(r"\b(how|what|when|where|why|which|who|как|когда|где|что)\s+$", re.IGNORECASE)
# A request that only points at what was said before.
POINTING = compile_cues(r"you (please )?(take care of|do|handle|take on|look after|look into|take) (that|it|this)")
NEGATION = re.compile(r"(n\s?['’]\s?t|\bnot|\bnever|\bне)\s+$", re.IGNORECASE)
# "You" may be anybody here, so this counts only where somebody is addressed by name or accepts.
WEAK_REQUEST = compile_cues(f"you('ll| will| need to| have to| should| must) {_TASK}")
# A duty of nobody in particular. What "we" must make, put or do is mostly a wish of the product rather than a task.
_DUTIFUL = "(really |still |also |just )?(needs? to|has to|have to|must)"
_VAGUE = "(add|change|cover|design|do|draw|drive|find|get|lead|make|present|process|produce|put|share|take)"
DUTY = compile_cues(rf"""
    (someone|somebody) ({_DUTIFUL}|should|ought to) {_TASK}
    (?<!\bwhat\s)(?<!\bthat\s)(?<!\bwhich\s)we {_DUTIFUL} (?!{_VAGUE}\b){_TASK}(?! (this|that|it|them)(,| and\b|\W*$))
    action (item|point)s?
    (needs?|has|have) to be (done|sent|written|finished|prepared|fixed|booked|ordered|signed|paid|tested|ready|reviewed)
    (кто-то|кому-то|кто-нибудь|нам|надо|нужно|необходимо) (\w+ ){{0,3}}?{_RUSSIAN}(ть|ти)
""")
# What would be good to do is a task only where somebody takes it on.
SUGGESTED_DUTY = compile_cues(f"we (also |really )?(should|could|ought to) {_TASK}")
# A duty of the person whose name stands right before it.
NAMED_DUTY = spell(rf"""
    ('ll| will| is going to| should| needs to| has to| must| can| to) {_TASK}\b
    ,? (\w+ ){{0,4}}?{_RUSSIAN}(ит|ет|ёт|ишь|ешь|ёшь|ать|ять|ить|еть|ти|ится|ется)\b
""")
# What follows the name of somebody who is asked to do something.
ADDRESS = spell(r"""
    ,? (can|could|will|would) you\b
    ,? (please|you|можешь|сможешь|ты|пожалуйста)\b
    \s*,
""")
# Asking to be told is a question, not a task.
TELLING = compile_cues(r"""
    (you|please) (please |just )?(tell|explain|say|describe|hear|see|remind|clarify|repeat|elaborate|comment|talk)
    (you|please) (please |just )?(speak up|give (us|me))
    (можешь|можете) (\w+ )?(сказать|объяснить|напомнить|повторить|рассказать|слышать|видеть|пояснить)
""")
# Nobody but the one who is going to do it answers so.
_WILLING = """
    sure|of course|will do|no problem|certainly|definitely|got it|can do|on it|happy to
    конечно|сделаю|без проблем|смогу|могу|отправлю|пришлю|обязательно|займусь
"""
_BEFORE_ACCEPTANCE = r"^\W*(?:(?:um|uh|oh|well|ну|а)\b\W*)*"
WILLINGNESS = compile_cues(_WILLING, before=_BEFORE_ACCEPTANCE)
ACCEPTANCE = compile_cues(
    f"""
    {_WILLING}
    yes|yeah|yep|okay|ok|absolutely|all ?right|fine
    да|хорошо|ладно|ок|окей|понял|поняла|договорились|принято
    """,
    before=_BEFORE_ACCEPTANCE,
)
# These accept only where they speak of what was asked.
OFFER = compile_cues(
    "i'll|i will|i can(?!not|'t| not)|i could(?!n't| not)|let me|i'm going to|i am going to|я",
    before=r"^\W*(?:(?:um|uh|oh|well|then|so|okay|ok|yes|yeah|sure|no problem|ну|а|тогда|хорошо|да)\b\W*)*",
)
REFUSAL = compile_cues(
    r"""
    no(?! problem)|nope|i can't|i cannot|i can not|i'm afraid|not really|i won't
    нет|не (могу|смогу|получится|успею)|к сожалению
    """,
    before=r"^\W*(?:(?:um|uh|oh|well|sorry|ну|а)\b\W*)*",
)


def is_duty(text: str) -> bool:
    """Tell whether somebody has to do something, unconditionally."""
    match = DUTY.search(text)
    before = text[: match.start()] if match else ""
    return bool(match) and not CONDITION.search(before) and not NEGATION.search(before)


def is_momentary(text: str) -> bool:
    """Tell whether a sentence asks for something now; a date puts it off."""
    return bool(MOMENT.search(text)) and not find_date(text)


def is_requested(text: str) -> bool:
    return any(not ASKED_HOW.search(text[: match.start()]) for match in REQUEST.finditer(text))
