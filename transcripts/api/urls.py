"""Paths of the transcripts API."""

from django.urls import path

from transcripts.api import views

urlpatterns = [
    path("send-transcript", views.Send.as_view(), name="send-transcript"),
    path("send-transcript/batch", views.SendBatch.as_view(), name="send-transcript-batch"),
    path("view-transcript/<str:meeting_id>", views.Transcript.as_view(), name="view-transcript"),
    path("transcription/generate-summary/<str:meeting_id>", views.WriteNotes.as_view(), name="generate-summary"),
    path("meeting/<str:meeting_id>/summary", views.Summary.as_view(), name="meeting-summary"),
]
