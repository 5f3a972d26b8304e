"""JSON bodies as clients send them: numbers keep their digits."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework import parsers
from rest_framework.exceptions import ParseError


class ExactFloat(float):
    """A number with a point or an exponent, and the digits it was written with."""

    text: str

    def __new__(cls, text: str) -> "ExactFloat":
        number = super().__new__(cls, text)
        number.text = text
        return number


class JsonParser(parsers.BaseParser):
    """Read `application/json`: whole numbers of any length, others as `ExactFloat`."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return json.loads(stream.read().decode(), parse_float=ExactFloat, parse_constant=_refuse_constant)
        except RecursionError as error:
            raise ParseError("The body is nested too deeply.") from error
        except ValueError as error:
            raise ParseError("The body is not valid JSON in UTF-8.") from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
