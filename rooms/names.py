"""What people and files in rooms may be called, whatever a client sends: pure functions of text."""

import re
import unicodedata

# Room for the id in front, so that the whole stays a name that every file system takes.
FILE_NAME_BYTES = 200
# What is longer is no ending that means something.
ENDING_BYTES = 16
# The form of names that people are shown: something that is neither white space nor a control character, and of the
# latter only white space.
_CONTROL = r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
NAME_PATTERN = rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$"
# Control characters, halves of surrogate pairs, and what is not shown: line ends, marks that turn the direction of
# text around or hide in it.
_UNSHOWABLE = {"Cc", "Cs", "Cf", "Zl", "Zp"}
# Names that are devices to Windows, whatever their ending.
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.IGNORECASE)


def person_name(text: str, limit: int) -> str:
    """Give a guest's name as others may be shown it; empty where nothing of it can be."""
    shown = "".join(" " if _is_unshowable(character) else character for character in text)
    return " ".join(shown.split())[:limit].rstrip()


def file_name(text: str) -> str:
    """Give the name under which a file is kept.

    Only what follows the last slash of either kind counts. Leading dots and what cannot be shown are replaced, names of
    devices get something in front, and what is too long is cut before the ending. The outcome is its own outcome.
    """
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", text)[-1])
    name = "".join("_" if _is_unshowable(character) else character for character in name).strip()
    name = re.sub(r"^\.+", lambda dots: "_" * len(dots[0]), name) or "_"
    return _bounded("_" + name if _DEVICE.match(name) else name)


def numbered(name: str, number: int) -> str:
    """Give the name for the second, third … file of one name: `a (2).txt`."""
    return name if number == 1 else _bounded(name, f" ({number})")


def ending_of(name: str) -> str:
    """Give what follows the last dot, in lower case."""
    return _parted(name)[1].removeprefix(".").lower()


def _parted(name: str) -> tuple[str, str]:
    stem, dot, ending = name.rpartition(".")
    return (stem, dot + ending) if stem and len(ending.encode()) <= ENDING_BYTES else (name, "")


def _bounded(name: str, addition: str = "") -> str:
    stem, ending = _parted(name)
    room = FILE_NAME_BYTES - len((addition + ending).encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip() + addition + ending


def _is_unshowable(character: str) -> bool:
    return unicodedata.category(character) in _UNSHOWABLE
