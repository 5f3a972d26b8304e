"""How operations are described in the OpenAPI document: what they answer, with an example, from typed dictionaries."""

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.plumbing import resolve_type_hint
from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from config.lib.fields import ID_PATTERN, TEXT_PATTERN

Json = dict[str, Any]

# For the words after the question mark, where an empty value is one that is not there.
NOTHING: Json = {"type": "string", "maxLength": 0}
ID: Json = {"anyOf": [{"type": "string", "pattern": ID_PATTERN}, NOTHING]}
TEXT: Json = {"type": "string", "pattern": TEXT_PATTERN}
MOMENT: Json = {
    "anyOf": [
        {"type": "string", "format": "date-time", "example": "2025-10-14T13:08:09.559Z"},
        {"type": "string", "format": "date", "example": "2025-10-14"},
        {"type": "integer", "minimum": 0, "maximum": 253402300799999},
        NOTHING,
    ]
}

_REFUSALS = {
    400: "Something in the request is not valid.",
    401: "The request needs a sign-in.",
    403: "This is not allowed.",
    404: "There is no such thing, or the caller may not know of it.",
    409: "It does not go with what is there already.",
    410: "The content was deleted.",
    413: "It is too large.",
    415: "The body is of a kind that this operation does not take.",
    416: "The file has no such range.",
    429: "Too many requests: `Retry-After` says for how many seconds to wait.",
    501: "The server does not offer this yet.",
    503: "Something that the operation needs is not there at the moment.",
}
_REFUSAL: Json = {"$ref": "#/components/schemas/Refusal"}
# Everything may be limited, and every body may be malformed.
_EVERYWHERE = (400, 401, 429)


def shape(hint: Any) -> Json:
    """Make the JSON schema of a TypedDict, a list of them, or anything else that annotates an answer.

    A plain dict is an object with these fields: `{"data": list[Line]}`.
    """
    if isinstance(hint, dict):
        return {
            "type": "object",
            "properties": {name: shape(inner) for name, inner in hint.items()},
            "required": [*hint],
        }
    schema: Json = _as_3_1(resolve_type_hint(hint))  # type: ignore[no-untyped-call]
    return schema


def _as_3_1(schema: Any) -> Any:
    """Write `nullable`, which the library leaves in what it did not find in a serializer, as OpenAPI 3.1 does."""
    if isinstance(schema, list):
        return [_as_3_1(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _as_3_1(part) for name, part in schema.items() if name != "nullable"}
    if not schema.get("nullable"):
        return plain
    if isinstance(plain.get("type"), str) and "enum" not in plain:
        return {**plain, "type": [plain["type"], "null"]}
    return {"anyOf": [plain, {"type": "null"}]}


def answer(hint: Any, example: Any, *, description: str = "", wrapped: bool = True, **texts: str) -> OpenApiResponse:
    """Describe a success: `{"success": true, "data": hint, **texts}`, or the bare `hint` where it is not wrapped."""
    schema, value = shape(hint), example
    if wrapped:
        schema = {
            "type": "object",
            "properties": {
                "success": {"type": "boolean", "const": True},
                "data": schema,
                **{name: {"type": "string"} for name in texts},
            },
            "required": ["success", "data", *texts],
        }
        value = {"success": True, "data": example, **texts}
    return OpenApiResponse(schema, description=description, examples=[OpenApiExample("answer", value=value)])


def refusals(*statuses: int) -> dict[int, OpenApiResponse]:
    """Describe the refusals of an operation, beside those that any may answer."""
    return {status: _refusal(status) for status in sorted({*_EVERYWHERE, *statuses})}


def nothing(description: str = "Done.") -> OpenApiResponse:
    return OpenApiResponse(None, description=description)


def body(
    name: str, value: Mapping[str, Any] | Sequence[Any], *, media_type: str = "application/json"
) -> OpenApiExample:
    """Give an example of a request's body."""
    return OpenApiExample(name, value=value, request_only=True, media_type=media_type)


def refused(status: int) -> Json:
    """Describe a refusal as the document has it, for an operation whose view does not say so itself."""
    return {
        "description": _REFUSALS[status],
        "content": {"application/json": {"schema": _REFUSAL}},
    }


def _refusal(status: int) -> OpenApiResponse:
    return OpenApiResponse(_REFUSAL, description=_REFUSALS[status])
