"""The page that takes recordings in; the files themselves go to the plain ASGI application of `uploads.py`."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from recordings import rules


@require_safe
@login_required
def import_page(request: HttpRequest) -> HttpResponse:
    rules.check_import(request.user)
    return render(request, "recordings/import.html", {"max_bytes": settings.UPLOAD_MAX_BYTES})
