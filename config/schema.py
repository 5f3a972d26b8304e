"""The OpenAPI document and the page that shows it; for everybody, or where DOCS_PUBLIC is off for who is signed in."""

from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from config.lib.schema import refused

# Swagger UI styles its elements one by one.
_STYLES = {"style-src": ["'self'", "'unsafe-inline'"]}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The access token, as the document names it."""

    target_class = "accounts.api.authentication.AccessTokenAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def complete_bodies(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say of each body that it must be there where it cannot be empty, which the library says of serializers only; and
    of each operation with one that it may be too large or of another kind."""
    for operations in result["paths"].values():
        for operation in operations.values():
            wanted = operation.get("requestBody", {})
            kinds = [kind["schema"] for kind in wanted.get("content", {}).values()]
            if any(kind.get("type") == "array" or kind.get("required") for kind in kinds):
                wanted["required"] = True
            if wanted:
                answers = {**operation["responses"], "413": refused(413), "415": refused(415)}
                operation["responses"] = dict(sorted(answers.items()))
    return result


class MayReadDocs(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return settings.DOCS_PUBLIC or bool(request.user and request.user.is_authenticated)


class Document(SpectacularJSONAPIView):
    """`GET /api/schema`: OpenAPI 3.1 as JSON."""

    permission_classes = [MayReadDocs]


class _Docs(SpectacularSwaggerSplitView):
    permission_classes = [MayReadDocs]
    url_name = "schema"


def docs(request: HttpRequest) -> HttpResponseBase:
    """`GET /api/docs`: Swagger UI, from our own files."""
    if not settings.DOCS_PUBLIC and not request.user.is_authenticated:
        return redirect_to_login(request.path, reverse("sign_in"))
    response = _Docs.as_view()(request)
    response._csp_update = _STYLES  # type: ignore[attr-defined] # django-csp reads it there
    return response
