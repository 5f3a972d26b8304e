"""Paths of the pages that show meetings."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from transcripts import views


def _beside_django(request: HttpRequest, meeting_id: str) -> HttpResponse:
    """Stand in for the plain ASGI application that owns this path, so that `reverse` knows it."""
    raise Http404


urlpatterns = [
    path("app/", views.home, name="home"),
    path("m/<str:meeting_id>", views.meeting, name="meeting"),
    path("m/<str:meeting_id>/progress", views.meeting_progress, name="meeting_progress"),
    path("m/<str:meeting_id>/notes", views.meeting_notes, name="meeting_notes"),
    path("m/<str:meeting_id>/export", views.meeting_export, name="meeting_export"),
    path("m/<str:meeting_id>/audio", _beside_django, name="meeting_audio"),
]
