"""What meetings and the people in them may be called."""

import unicodedata

from meetings.exceptions import InvalidMeeting

TITLE_LENGTH = 200
NAME_LENGTH = 100
# Control characters, of which PostgreSQL cannot even store the first, and halves of surrogate pairs.
_UNWRITABLE = {"Cc", "Cs"}


def clean_title(text: str) -> str:
    """Give a meeting's title as it is kept, white space made plain.

    Raises: InvalidMeeting.
    """
    title = _plain(text)
    if not 0 < len(title) <= TITLE_LENGTH or not _is_writable(title):
        sentence = f"Give the meeting a title of at most {TITLE_LENGTH} characters."
        raise InvalidMeeting(sentence, title=[sentence])
    return title


def clean_name(text: str) -> str:
    """Give a person's name as it is kept, white space made plain.

    Raises: InvalidMeeting.
    """
    name = _plain(text)
    if not 0 < len(name) <= NAME_LENGTH or not _is_writable(name):
        sentence = f"Give each speaker a name of at most {NAME_LENGTH} characters."
        raise InvalidMeeting(sentence, name=[sentence])
    return name


def _plain(text: str) -> str:
    return " ".join(text.split())


def _is_writable(text: str) -> bool:
    return not any(unicodedata.category(character) in _UNWRITABLE for character in text)
