"""JSON bodies as clients send them: numbers keep their digits, and texts that cannot be stored are refused."""

import json
import re
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework import parsers
from rest_framework.exceptions import ParseError, ValidationError

# NUL, which PostgreSQL cannot store, and halves of surrogate pairs, which no UTF-8 holds.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
# Deeper than any body of ours; the standard library's reader would run out of stack somewhere beyond.
MAX_DEPTH = 32


class ExactFloat(float):
    """A number with a point or an exponent, and the digits it was written with."""

    text: str

    def __new__(cls, text: str) -> "ExactFloat":
        number = super().__new__(cls, text)
        number.text = text
        return number


class JsonParser(parsers.BaseParser):
    """Read `application/json`: whole numbers of any length, others as `ExactFloat`, and no text that cannot be kept."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            body = json.loads(stream.read().decode(), parse_float=ExactFloat, parse_constant=_refuse_constant)
        except RecursionError as error:
            raise ParseError("The body is nested too deeply.") from error
        except ValueError as error:
            raise ParseError("The body is not valid JSON in UTF-8.") from error
        wrong = {
            name: ["The field holds a character that cannot be stored, or is nested too deeply."]
            for name, value in (body.items() if isinstance(body, dict) else [("body", body)])
            if not _is_storable(value) or not _is_storable(name)
        }
        if wrong:
            raise ValidationError(wrong)
        return body


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _is_storable(value: object, depth: int = 1) -> bool:
    if isinstance(value, str):
        return not _UNSTORABLE.search(value)
    if isinstance(value, dict | list):
        inner = [*value, *value.values()] if isinstance(value, dict) else value
        return depth < MAX_DEPTH and all(_is_storable(part, depth + 1) for part in inner)
    return True
