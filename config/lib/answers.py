"""How REST answers: one exception handler for every refusal, one shape for every success."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from config.lib.errors import DomainError
from config.lib.ids import new_id

log = logging.getLogger("tertulia.api")

SERVER_ERROR = "Something went wrong on the server. It has been logged; quote the errorId when you report it."


def success(data: object, *, status: int = 200, headers: Mapping[str, str] | None = None, **texts: str) -> Response:
    """Answer `{"success": true, "data": …}` with the row's literal `message` or `msg`."""
    return Response({"success": True, "data": data, **texts}, status=status, headers=headers)


def refusal(message: str, code: str, errors: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Make the body that every refusal has."""
    return {"success": False, "message": message, "code": code, **({"errors": dict(errors)} if errors else {})}


class JsonRenderer(BaseRenderer):
    """Write `application/json` in UTF-8; texts that wait for their language are written in the present one."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        # What is wrong with an item of a list stands under the item's number.
        return b"" if data is None else orjson.dumps(data, default=str, option=orjson.OPT_NON_STR_KEYS)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """Turn what a view raised into the answer; nothing else in the project does.

    What is not a refusal is logged with its traceback under an `errorId` and answered without a word about it.
    """
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, DomainError) and error.is_refusal:
        return Response(refusal(error.message, error.code, error.facts), status=error.status, headers=error.headers)
    if isinstance(error, exceptions.ValidationError):
        return Response(_invalid(error), status=400)
    if isinstance(error, exceptions.APIException):
        return _from_framework(error)
    body = server_error(error)
    # For the access line, which the middleware writes of Django's own request.
    context["request"]._request.error_id = body["errorId"]
    return Response(body, status=500)


def server_error(error: BaseException) -> dict[str, Any]:
    """Log a fault of ours and make the body that tells nothing of it but its `errorId`.

    Our own errors say in words what happened, such as the row that cannot be decrypted; of others the words may be
    content, and only their kind is logged.
    """
    error_id = new_id()
    said = error.message if isinstance(error, DomainError) else type(error).__name__
    log.error("unforeseen error %s: %s", error_id, said, exc_info=error)
    return {**refusal(SERVER_ERROR, "server_error"), "errorId": error_id}


def _invalid(error: exceptions.ValidationError) -> dict[str, Any]:
    detail = error.detail
    fields = detail if isinstance(detail, dict) else {"body": detail}
    first = next(iter(fields.items()), ("body", ""))
    message = f"The field {first[0]} is not valid." if len(fields) == 1 else "Some fields are not valid."
    return refusal(message, "invalid", fields)


def _from_framework(error: exceptions.APIException) -> Response:
    codes = {401: "not_authenticated", 403: "not_allowed", 404: "not_found", 415: "unsupported_media_type"}
    code = codes.get(error.status_code) or HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    headers = {}
    if error.status_code == 401:
        headers["WWW-Authenticate"] = getattr(error, "auth_header", "Bearer")
    return Response(refusal(str(error.detail), code), status=error.status_code, headers=headers)
