"""What every REST view asks of its request: who is calling, and what the body says."""

from typing import TypeVar

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from accounts import rules
from accounts.models import LoginSession, User
from accounts.sessions import stored_key
from config.lib.fields import WireSerializer, parsed

S = TypeVar("S", bound=WireSerializer)


def person_of(request: Request) -> User:
    """Give the caller, whom IsAuthenticated has let in."""
    return rules.check_signed_in(request.user)


def session_of(request: Request) -> LoginSession | None:
    """Give the sign-in of the access token; a page's request has none."""
    auth: object = request.auth
    return auth if isinstance(auth, LoginSession) else None


def page_of(request: Request) -> str | None:
    """Give the session of our own page, under the hash of its key; None where the request comes with a token."""
    key = request.session.session_key if request.auth is None else None
    return stored_key(key) if key else None


def body_of(kind: type[S], request: Request) -> S:
    """Raises: rest_framework.exceptions.ValidationError."""
    return parsed(kind, request.data)


def text_of(request: Request, name: str) -> str:
    """Read one text after the question mark; empty where it is not there.

    Raises:
        rest_framework.exceptions.ValidationError.
    """
    text = request.query_params.get(name, "")
    if "\0" in text:
        raise ValidationError({name: ["Null characters are not allowed."]})
    return text


def query_of(kind: type[S], request: Request) -> S:
    """Read the words after the question mark; an empty value is one that is not there.

    Raises:
        rest_framework.exceptions.ValidationError.
    """
    return parsed(kind, {name: value for name, value in request.query_params.items() if value != ""})
