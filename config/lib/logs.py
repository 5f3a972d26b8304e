"""How log lines are written: of an error its kind and its place, never its words, which may be what somebody said."""

import logging
import traceback
from types import TracebackType
from typing import TypeAlias

ExceptionInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WordlessFormatter(logging.Formatter):
    """Writes tracebacks without the messages of their exceptions."""

    def formatException(self, ei: ExceptionInfo) -> str:
        return "\n".join(_described(error) for error in _chain(ei[1]))


def _chain(error: BaseException | None) -> list[BaseException]:
    """Give the error and what led to it, the first cause first."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.insert(0, error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def _described(error: BaseException) -> str:
    kind = type(error)
    places = "".join(traceback.format_tb(error.__traceback__))
    return f"{places}{kind.__module__}.{kind.__qualname__}"
