"""Who is asking: the bearer of an access token, or the owner of a page's session cookie; never both."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.db import DEFAULT_DB_ALIAS
from django.http import HttpRequest, HttpResponse, parse_cookie
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, CSRFCheck, SessionAuthentication
from rest_framework.request import Request

from accounts import limits, rules, tokens, trail
from accounts.clients import client_of_scope
from accounts.exceptions import CsrfRefused, NotAuthenticated
from accounts.models import LoginSession, User
from config.lib.asgi import Scope, headers_of
from config.lib.queries import Prepared, Slot

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class AccessTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; `request.auth` is the sign-in that it belongs to."""

    def authenticate(self, request: Request) -> tuple[User, LoginSession] | None:
        header = request.headers.get("Authorization")
        if header is None:
            return None
        try:
            session = session_of_bearer(header)
        except NotAuthenticated as error:
            # REST framework adds the challenge to its own exceptions only.
            raise exceptions.AuthenticationFailed(error.message) from error
        return session.user, session

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class PageSessionAuthentication(SessionAuthentication):
    """The session cookie of our own pages, with the CSRF token for whatever changes something."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        if "Authorization" in request.headers:
            return None
        return super().authenticate(request)

    def enforce_csrf(self, request: HttpRequest | Request) -> None:
        _check_csrf(request)


def authenticate_scope(headers: Mapping[str, str], *, method: str, scheme: str = "http") -> User | None:
    """Find who sends a request that Django does not see; `headers` by lower-case name. Blocks on the database.

    Raises:
        NotAuthenticated: the bearer token is not valid.
        CsrfRefused: a cookie alone does not prove that the request comes from our page.
    """
    authorization = headers.get("authorization")
    if authorization is not None:
        return session_of_bearer(authorization).user
    request = _request_of(headers, method, scheme)
    user = get_user(request)
    if not isinstance(user, User):
        return None
    trail.current().user = user
    if method not in SAFE_METHODS:
        _check_csrf(request)
    return user


def caller_of(scope: Scope, *, rate: str) -> User:
    """Find who calls an application beside Django, which nobody may do unknown, and count the call.

    Raises:
        NotAuthenticated, CsrfRefused, config.lib.errors.RateLimited.
    """
    user = authenticate_scope(headers_of(scope), method=scope["method"], scheme=scope["scheme"])
    if user is None:
        raise NotAuthenticated("Sign in first.")
    limits.check(rate, by=user, address=client_of_scope(scope).address)
    return user


def session_of_bearer(header: str) -> LoginSession:
    """Find the open sign-in of an access token, with its user.

    One read by primary key for each request, so that a revoked family, a disabled account or a changed password ends
    access at once.

    Raises:
        NotAuthenticated.
    """
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise NotAuthenticated("Send the access token as `Authorization: Bearer <token>`.")
    claims = tokens.read_access(token.strip())
    session = _open_session(claims)
    if session is None or not rules.may_sign_in(session.user):
        trail.current().user = User.objects.filter(pk=claims.user_id).first()
        raise NotAuthenticated("This sign-in has ended: sign in again.")
    trail.current().user = session.user
    return session


# Each request asks this, so it is prepared, and its one row is made into the two objects here.
_SESSION_FIELDS = [field.attname for field in LoginSession._meta.concrete_fields]
_USER_FIELDS = [field.attname for field in User._meta.concrete_fields]
_find_open_session = Prepared(
    lambda: (
        LoginSession.objects.open()
        .filter(pk=Slot("session"), user=Slot("user"))
        .values_list(*_SESSION_FIELDS, *(f"user__{name}" for name in _USER_FIELDS))
    )
)


def _open_session(claims: tokens.AccessClaims) -> LoginSession | None:
    for row in _find_open_session.fetch(session=claims.session_id, user=claims.user_id):
        session = LoginSession.from_db(DEFAULT_DB_ALIAS, _SESSION_FIELDS, row[: len(_SESSION_FIELDS)])
        session.user = User.from_db(DEFAULT_DB_ALIAS, _USER_FIELDS, row[len(_SESSION_FIELDS) :])
        return session
    return None


def _check_csrf(request: HttpRequest | Request) -> None:
    check: Any = CSRFCheck(lambda _: HttpResponse())
    check.process_request(request)
    if check.process_view(request, None, (), {}):
        raise CsrfRefused("The request does not come from one of our pages: reload the page and try again.")


class _ScopeRequest(HttpRequest):
    """A request that Django does not see, over HTTP or HTTPS."""

    def __init__(self, scheme: str) -> None:
        super().__init__()
        self._scheme = scheme

    def _get_scheme(self) -> str:
        return self._scheme


def _request_of(headers: Mapping[str, str], method: str, scheme: str) -> HttpRequest:
    """Make as much of a request as sessions and the CSRF check look at."""
    request = _ScopeRequest(scheme)
    request.method = method
    request.META = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    request.COOKIES = parse_cookie(headers.get("cookie", ""))
    store = import_module(settings.SESSION_ENGINE).SessionStore
    request.session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    return request
