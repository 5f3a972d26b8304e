"""Fields of REST bodies that take exactly the type that the schema names, and the wire forms that clients share."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, TypeVar

from django.core.validators import ProhibitNullCharactersValidator, RegexValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from config.lib.errors import DomainError
from config.lib.ids import ID_LENGTH
from config.lib.parsing import ExactFloat
from config.lib.times import read_moment

S = TypeVar("S", bound="WireSerializer")

# PostgreSQL's own bounds; beyond them a comparison is an error and not an empty answer.
MAX_INTEGER = 2**31 - 1
MAX_BIG_INTEGER = 2**63 - 1
ID_PATTERN = "^[0-9a-f]{24}$"
# PostgreSQL stores every character but this one.
TEXT_PATTERN = r"^[^\x00]*$"
CLIENT_ID_PATTERN = "^[A-Za-z0-9._-]{1,128}$"
_CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


class WireSerializer(serializers.Serializer[Any]):
    """A body whose field names may differ from the model's: `source` joins the two."""

    @contextmanager
    def renaming(self, *refusals: type[DomainError]) -> Iterator[None]:
        """Refuse what an action refuses, whose facts are texts by field, by the field names of the wire.

        Raises:
            rest_framework.exceptions.ValidationError.
        """
        try:
            yield
        except refusals as error:
            names = {str(field.source): name for name, field in self.fields.items()}
            detail: dict[str, Any] = {names.get(source, source): texts for source, texts in error.facts.items()}
            raise ValidationError(detail) from error


class TextField(serializers.CharField):
    """A text and nothing that could be made one."""

    default_error_messages = {"not_text": "This field must be a text."}

    def __init__(self, *, validators: Sequence[Any] = (), **options: Any) -> None:
        super().__init__(**options)
        # In place of the one that CharField brings for this, which the schema cannot tell of.
        pattern = RegexValidator(TEXT_PATTERN, "Null characters are not allowed.")
        others = [each for each in self.validators if not isinstance(each, ProhibitNullCharactersValidator)]
        # The schema tells of the first pattern, which is then the narrower one.
        self.validators = [*others, *validators, pattern]

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_text")
        return super().to_internal_value(data)


class BoolField(serializers.BooleanField):
    """`true` or `false`; old clients' forms that send them as text are not JSON."""

    default_error_messages = {"not_bool": "This field must be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("not_bool")
        return data


class IntField(serializers.IntegerField):
    """A whole number, bounded by what its column holds."""

    default_error_messages = {"not_int": "This field must be a whole number."}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": MAX_INTEGER, **options})

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            # 5.0 is a whole number to JSON.
            if not isinstance(data, float) or not data.is_integer():
                self.fail("not_int")
            data = int(data)
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "pattern": ID_PATTERN, "example": "68aff60d0d7bbb02c917906d"})
class IdField(TextField):
    """One of our ids; what has not their form cannot name anything."""

    default_error_messages = {"not_id": "This field must be an id of 24 lower-case hex digits."}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=ID_LENGTH, min_length=ID_LENGTH, trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or not re.fullmatch(ID_PATTERN, data) or data.endswith("\n"):
            self.fail("not_id")
        return data


@extend_schema_field(
    {
        "anyOf": [{"type": "string", "pattern": CLIENT_ID_PATTERN}, {"type": "integer", "minimum": 0}],
        "example": "1756364334628_738386",
    }
)
class ClientIdField(serializers.Field[str, Any, str, Any]):
    """An id that a client made; a JSON number is kept digit for digit."""

    default_error_messages = {
        "not_client_id": "This field must be up to 128 letters, digits, dots, underscores and hyphens, or a number."
    }

    def to_internal_value(self, data: Any) -> str:
        text = data.text if isinstance(data, ExactFloat) else data
        if isinstance(text, int) and not isinstance(text, bool) and text >= 0:
            # Python refuses to write longer numbers than this, and no id is that long.
            text = str(text) if text < 10**128 else ""
        if not isinstance(text, str) or not _CLIENT_ID.fullmatch(text):
            self.fail("not_client_id")
        return text

    def to_representation(self, value: str) -> str:
        return value


@extend_schema_field(
    {
        "anyOf": [
            {"type": "string", "format": "date-time"},
            {"type": "integer", "minimum": 0, "maximum": 253402300799999},
        ],
        "description": "ISO 8601, or epoch milliseconds.",
        "example": "2025-10-14T13:08:09.559Z",
    }
)
class MomentField(serializers.Field[datetime, Any, str, Any]):
    """A time: ISO 8601, taken as UTC where it names no zone, or epoch milliseconds."""

    default_error_messages = {
        "not_moment": "This field must be a time as 2025-10-14T13:08:09.559Z or epoch milliseconds."
    }

    def to_internal_value(self, data: Any) -> datetime:
        is_number = isinstance(data, int | float) and not isinstance(data, bool) and data >= 0
        if isinstance(data, str) or is_number:
            with suppress(ValueError):
                return read_moment(data)
        self.fail("not_moment")

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


def parsed(kind: type[S], data: Any, **options: Any) -> S:
    """Read a body or a query.

    Raises:
        rest_framework.exceptions.ValidationError.
    """
    body = kind(data=data, **options)
    body.is_valid(raise_exception=True)
    return body
