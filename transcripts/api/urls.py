"""Paths of the transcripts API."""

from django.urls import path

from transcripts.api import views

urlpatterns = [
    path("view-transcript/<str:meeting_id>", views.Transcript.as_view(), name="view-transcript"),
    path("meeting/<str:meeting_id>/summary", views.Summary.as_view(), name="meeting-summary"),
]
