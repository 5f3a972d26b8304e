"""Cues of tasks: promises, requests, duties, and what is said in reply to them."""

from transcripts.notes.cues import compile_cues, spell

_VERBS = r"""
    add|announce|approve|arrange|ask|assemble|assign|attach|book|bring|build|buy|calculate|call|cancel|change|check
    circulate|clean|collect|compare|complete|confirm|contact|coordinate|copy|cover|create|deliver|demo|deploy|design
    develop|document|do|download|draft|draw|drive|edit|e-?mail|estimate|file|fill|finali[sz]e|find|finish|fix|follow
    forward|gather|get (the|an?|us|you|quotes?|in touch|hold)|handle|hire|implement|inform|install|investigate|invite
    invoice|lead|list|look (into|up)|mail|make|measure|message|migrate|negotiate|notify|obtain|order|organi[sz]e|pay
    phone|pick|post|prepare|present|print|process|produce|propose|provide|publish|purchase|put|rent|renew|reply|report
    request|research|reserve|resolve|review|rewrite|ring|run|schedule|search|send|set up|share|ship|sign|sketch|solve
    speak (to|with)|submit|summari[sz]e|take (care|this|it on|the|over|notes|minutes)|talk to|test|translate|update
    upload|verify|visit|write
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
    r"(i|we)('ll| will) (?!be\b|see\b|meet\b|talk\b|think\b|know\b|say\b|go\b|not\b|never\b|come\b|tell\b)\w+"
)
TOGETHER = compile_cues("we")
CONDITION = compile_cues("if|whether|unless|если|ли")
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
# "You" may be anybody here, so this counts only where somebody is addressed by name or accepts.
WEAK_REQUEST = compile_cues(f"you('ll| will| need to| have to| should| must) {_TASK}")
# A duty of nobody in particular.
DUTY = compile_cues(rf"""
    (someone|somebody|we) (really |still |also )?(needs? to|has to|have to|must) {_TASK}
    action (item|point)s?
    (needs?|has|have) to be (done|sent|written|finished|prepared|fixed|booked|ordered|signed|paid|tested|ready|reviewed)
    (кто-то|кому-то|кто-нибудь|нам|надо|нужно|необходимо) (\w+ ){{0,3}}?{_RUSSIAN}(ть|ти)
""")
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
ACCEPTANCE = compile_cues(
    r"""
    yes|yeah|yep|sure|of course|okay|ok|will do|no problem|absolutely|certainly|definitely|got it|i'll|i will|i can
    can do|on it|happy to|all ?right|fine
    да|конечно|хорошо|ладно|сделаю|без проблем|ок|окей|понял|поняла|договорились|принято|смогу|могу|отправлю|пришлю
    обязательно|займусь
    """,
    before=r"^\W*(?:(?:um|uh|oh|well|ну|а)\b\W*)*",
)
REFUSAL = compile_cues(
    r"""
    no(?! problem)|nope|i can't|i cannot|i can not|i'm afraid|not really|i won't
    нет|не (могу|смогу|получится|успею)|к сожалению
    """,
    before=r"^\W*(?:(?:um|uh|oh|well|sorry|ну|а)\b\W*)*",
)
