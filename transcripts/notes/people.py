"""Names of the people in a meeting, as they are said in a sentence."""

import re
from collections.abc import Iterable

from transcripts.notes.cues import OPENING
from transcripts.notes.task_cues import ADDRESS, NAMED_DUTY
from transcripts.notes.words import STOP_WORDS, find_words, fold


class People:
    """Full names, and first names that one person alone has, each in the cases of Russian."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(dict.fromkeys(name for name in names if name.strip()))
        self.words = frozenset(word for name in self.names for word in find_words(name))
        self._names_by_alias = {_inflect(alias): name for alias, name in self._find_aliases().items()}
        aliases = "|".join(sorted(self._names_by_alias, key=len, reverse=True))
        # Without a single name the pattern is one that never matches.
        name = rf"(?<!\w)(?P<name>{aliases or '(?!)'})(?!\w)"
        self._named_duty = re.compile(f"{name}(?:{NAMED_DUTY})", re.IGNORECASE)
        self._address = [
            re.compile(pattern, re.IGNORECASE)
            for pattern in (OPENING + name, f"{name}(?:{ADDRESS})", rf",\s*{name}\W*$")
        ]

    def find_dutiful(self, text: str) -> str:
        """Return who is said to do something, as in "Ben will send it", or an empty string."""
        return self._find_name(self._named_duty, text)

    def find_addressed(self, text: str, *, speaker: str) -> str:
        """Return to whom the sentence is said by name, or an empty string."""
        found = (self._find_name(pattern, text) for pattern in self._address)
        return next((name for name in found if name and name != speaker), "")

    def _find_aliases(self) -> dict[str, str]:
        holders: dict[str, set[str]] = {}
        for name in self.names:
            holders.setdefault(fold(name.split()[0]), set()).add(name)
        first_names = {alias: min(names) for alias, names in holders.items() if len(names) == 1 and len(alias) > 1}
        return first_names | {fold(name): name for name in self.names}

    def _find_name(self, pattern: re.Pattern[str], text: str) -> str:
        for match in pattern.finditer(text):
            said = match["name"]
            # "Will" and "May" are names only where they are written as such.
            if fold(said) in STOP_WORDS and not said[0].isupper():
                continue
            aliases = self._names_by_alias.items()
            return next(name for alias, name in aliases if re.fullmatch(alias, said, re.IGNORECASE))
        return ""


def _inflect(alias: str) -> str:
    """Return a pattern of a name, which for a Russian one matches "Анне" and "Иваном" too."""
    words = [re.escape(word) for word in alias.split()]
    if re.fullmatch(r"[а-яё]{3,}", words[-1]):
        words[-1] = re.sub("[аяйь]$", "", words[-1]) + "[а-яё]{0,2}"
    return r"\s+".join(words)
