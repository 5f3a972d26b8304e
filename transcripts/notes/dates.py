"""Date phrases of English and Russian, found as they were said."""

import re

from transcripts.notes.cues import spell

_DAY = "(mon|tues|wednes|thurs|fri|satur|sun)days?"
_MONTH = "(january|february|march|april|may|june|july|august|september|october|november|december)"
_ANY_MONTH = rf"({_MONTH}|(jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?)"
_LATE_ORDINAL = "(tenth|eleventh|twelfth|(thir|four|fif|six|seven|eigh|nine)teenth|(twent|thirt)ieth)"
_EARLY_ORDINAL = "(first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)"
_ORDINAL = rf"(\d{{1,2}}(st|nd|rd|th)?|((twenty|thirty)[\s-])?{_EARLY_ORDINAL}|{_LATE_ORDINAL})\b"
_COUNT = r"(\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|couple of|few)"
_UNIT = "(minute|hour|day|week|month|year|quarter|sprint)"
_TIME_OF_DAY = "(morning|afternoon|evening|night|noon|lunch(time)?)"
_HOUR = "(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_HALF_DAY = r"([ap]\.m\.|[ap]m\b)"
_ENGLISH = spell(rf"""
    (today|tonight|tomorrow)( {_TIME_OF_DAY})?
    ((next|this|coming) )?{_DAY}( {_TIME_OF_DAY})?
    (next|this|coming) ({_UNIT}|weekend|{_TIME_OF_DAY}|{_MONTH})
    (the )?end of ((the|this|next) )?({_UNIT}|{_MONTH}|business)
    eod|eow|cob
    (the )?{_ORDINAL} (of )?{_ANY_MONTH}(,? \d{{4}})?
    {_ANY_MONTH} (the )?{_ORDINAL}(,? \d{{4}})?
    the (\d{{1,2}}(st|nd|rd|th)|(twenty|thirty)[\s-]{_EARLY_ORDINAL}|{_LATE_ORDINAL})
    \d{{4}}-\d\d-\d\d|\d{{1,2}}/\d{{1,2}}(/\d{{2,4}})?|\d{{1,2}}\.\d{{1,2}}\.\d{{2,4}}|[0-3]\d\.[01]\d(?![.\d])
    (in|within) (the next )?(a )?{_COUNT} {_UNIT}s?|within the {_UNIT}
    (?<=\bby\s){_MONTH}|(?<=\bin\s){_MONTH}|(?<=\bbefore\s){_MONTH}|(?<=\buntil\s){_MONTH}
    \d{{1,2}}([:.]\d\d)?\s?({_HALF_DAY}|o'?clock)|\d{{1,2}}:\d\d|{_HOUR} (o'?clock|{_HALF_DAY})|noon|midnight
""")
_RUSSIAN_DAY = "(понедельник[ау]?|вторник[ау]?|сред[аыеу]|четверг[ау]?|пятниц[аыеу]|суббот[аыеу]|воскресень[еяю])"
_RUSSIAN_MONTH = "(января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря)"
_RUSSIAN_UNIT = "(дня|дней|день|недел[яиюе]|недель|месяц(а|е|ев)?|квартал[ае]?|года?|час(а|у|ов)?|минут[уы]?)"
_RUSSIAN_TIME_OF_DAY = "(утром|дн[её]м|вечером|до обеда)"
_COMING = r"((следующ|эт|ближайш)\w+)"
_RUSSIAN = spell(rf"""
    ((до|к) )?(сегодня|завтра|послезавтра)( {_RUSSIAN_TIME_OF_DAY})?
    ((до|к|ко|в|во|на|с) )?({_COMING} )?{_RUSSIAN_DAY}( {_RUSSIAN_TIME_OF_DAY})?
    (до|к|в) конц[аеу] ({_COMING} )?{_RUSSIAN_UNIT}
    (на|в|до|к) {_COMING} {_RUSSIAN_UNIT}
    (через|в течение) (\w+ )?{_RUSSIAN_UNIT}
    ((до|к|на|с) )?(\d{{1,2}}(-?(го|е|му))?|[а-яё]+(ого|его|ому|ему|ое|ье)) {_RUSSIAN_MONTH}( \d{{4}})?
    (до|к|в) \d{{1,2}}[:.]\d\d|(до|к|в) \w+ час(ам|ов|а)
""")
_PHRASE = f"(?:{_RUSSIAN}|{_ENGLISH})"
# "Friday at noon", "tomorrow by 5 pm", "the end of the week" are one phrase each.
_DATE = re.compile(
    rf"(?<![\w’.:/-])((before|after)\s+)?{_PHRASE}(,?\s+((at|by|before|on|в|до|к)\s+)?{_PHRASE})?(?!\w|-\w|['’]s)",
    re.IGNORECASE,
)


def find_date(text: str) -> str:
    """Return the first date phrase of a sentence, or an empty string."""
    match = _DATE.search(text)
    return match[0] if match else ""
