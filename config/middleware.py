"""What wraps every Django request: our own access log, and errors that tell nothing but their id."""

import logging
import sys
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
    JsonResponse,
)
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import translation
from rest_framework.views import APIView
from servestatic.middleware import ServeStaticMiddleware

from accounts import trail
from accounts.clients import client_of
from accounts.models import User
from config import refusals
from config.lib import https
from config.lib.answers import refusal, server_error
from config.lib.errors import DomainError, NotAllowed, NotFound

log = logging.getLogger("tertulia.access")

Respond = Callable[[HttpRequest], HttpResponseBase]

# The admin's theme evaluates expressions in its markup; nothing else may.
ADMIN_SCRIPT = ["'self'", "'unsafe-eval'", "'unsafe-inline'"]
ADMIN_STYLE = ["'self'", "'unsafe-inline'"]


class AccessLog:
    """One line a request: route name, status, time, errorId; never a query string, a header or a body."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.monotonic()
        response = self.get_response(request)
        match = request.resolver_match
        route = (match.view_name or match.route) if match else "-"
        error_id = getattr(request, "error_id", "")
        took = (time.monotonic() - began) * 1000
        log.info("%s %s %s %.0f ms %s", request.method, route, response.status_code, took, error_id)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse:
        """Answer what a page raised: a refusal with its own status, anything else with its id."""
        if isinstance(error, Http404 | PermissionDenied):
            error = (
                NotFound("There is no such page.") if isinstance(error, Http404) else NotAllowed("This is not allowed.")
            )
        if isinstance(error, SuspiciousOperation | BadRequest):
            error = DomainError("The request is not valid.")
        if isinstance(error, DomainError) and error.is_refusal:
            return _refused(request, error)
        return _failed(request, error)


def answer_unforeseen(request: HttpRequest) -> HttpResponse:
    """Answer what was raised outside a view, by Django's own middleware: its handler500."""
    error = sys.exc_info()[1]
    return _failed(request, error or RuntimeError())


def _failed(request: HttpRequest, error: BaseException) -> HttpResponse:
    body = server_error(error)
    request.error_id = body["errorId"]  # type: ignore[attr-defined]
    if _wants_page(request):
        return HttpResponse(render_to_string("500.html", {"error_id": body["errorId"]}), status=500)
    return JsonResponse(body, status=500)


def _refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    if _wants_page(request):
        template = f"{error.status}.html" if error.status in (403, 404, 429) else "400.html"
        page = render_to_string(template, {"message": error.message, "error": error}, request)
        return HttpResponse(page, status=error.status, headers=error.headers)
    return JsonResponse(refusal(error.message, error.code, error.facts), status=error.status, headers=error.headers)


def _wants_page(request: HttpRequest) -> bool:
    return "text/html" in request.headers.get("Accept", "")


class StaticFiles:
    """Serve what lies below STATIC_URL.

    The library's own middleware is asynchronous: in the chain it would cost every request an event loop or a change of
    threads.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    @cached_property
    def _serve(self) -> Respond:
        # Not before somebody asks: it lists all files, and every test client makes a chain of its own.
        return async_to_sync(ServeStaticMiddleware(sync_to_async(self.get_response)))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(settings.STATIC_URL):
            return self._serve(request)
        return self.get_response(request)


class HttpsOnly:
    """Where our address is https: send pages there, refuse the API, answer health probes and this machine itself."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            https.check(request.scheme or "", client_of(request).address)
        except https.HttpsRequired as error:
            if not request.path.startswith("/health/"):
                return _to_https(request, error)
        return self.get_response(request)


def _to_https(request: HttpRequest, error: DomainError) -> HttpResponse:
    if request.method in ("GET", "HEAD") and not _is_api(request):
        return HttpResponsePermanentRedirect(settings.PUBLIC_URL + request.get_full_path())
    return _refused(request, error)


def _is_api(request: HttpRequest) -> bool:
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return False
    return issubclass(getattr(view, "cls", object), APIView)


class Trail:
    """Follow each request, so that the audit log knows of every refusal to somebody who is known."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        followed = trail.Trail(address=client_of(request).address)
        with trail.following(followed):
            response = self.get_response(request)
            if response.status_code in refusals.STATUSES:
                user = followed.user or request.user
                refusals.record(followed, status=response.status_code, by=user if isinstance(user, User) else None)
        return response

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> None:
        match = request.resolver_match
        route = match.view_name if match else ""
        refusals.describe(trail.current(), method=request.method or "", route=route, ids=kwargs)


class UserLanguage:
    """Speak the signed-in user's own language on pages; REST speaks English, whatever the client asks for."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            _speak(request, request.user.language)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        if issubclass(getattr(view, "cls", object), APIView):
            _speak(request, settings.LANGUAGE_CODE)


def _speak(request: HttpRequest, language: str) -> None:
    translation.activate(language)
    request.LANGUAGE_CODE = translation.get_language()


class AdminPolicy:
    """Loosen the Content-Security-Policy below /admin/, where the theme's Alpine needs to evaluate."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path.startswith("/admin/"):
            response._csp_update = {"script-src": ADMIN_SCRIPT, "style-src": ADMIN_STYLE}  # type: ignore[attr-defined]
        return response
