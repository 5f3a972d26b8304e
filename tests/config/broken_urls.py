"""Views that fail in every way, with words in their errors that nobody may find in an answer or in a log."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from config import urls
from config.lib.errors import DomainError

CANARY = "zanzibar-pomegranate"

handler500 = urls.handler500


class OutOfOrder(DomainError):
    code = "out_of_order"
    status = 409


def fail(request: HttpRequest) -> HttpResponse:
    try:
        raise KeyError(CANARY)
    except KeyError as error:
        raise ValueError(CANARY) from error


def refuse(request: HttpRequest) -> HttpResponse:
    raise OutOfOrder("Not now.", when=["later"])


def miss(request: HttpRequest) -> HttpResponse:
    raise Http404(CANARY)


def forbid(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def suspect(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation(CANARY)


def well(request: HttpRequest) -> HttpResponse:
    return HttpResponse("well")


@api_view(["GET", "POST"])
@permission_classes([AllowAny])
def api_fail(request: Request) -> Response:
    raise ValueError(CANARY)


urlpatterns = [
    *urls.urlpatterns,
    path("fail", fail, name="fail"),
    path("refuse", refuse, name="refuse"),
    path("miss", miss, name="miss"),
    path("forbid", forbid, name="forbid"),
    path("suspect", suspect, name="suspect"),
    path("well", well, name="well"),
    path("api-fail", api_fail, name="api_fail"),
]


class FailingMiddleware:
    """Fails outside any view, as Django's own middleware does when the database is away."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        raise ValueError(CANARY)
