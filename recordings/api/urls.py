"""Paths of the recordings API."""

from django.urls import path

from recordings.api import importing, views

urlpatterns = [
    path("meetings/import", importing.MeetingImport.as_view(), name="meeting-import"),
    path("recording/start", views.Start.as_view(), name="recording-start"),
    path("recording/stop", views.Stop.as_view(), name="recording-stop"),
    path("recordings/list", views.RecordingList.as_view(), name="recording-list"),
]
