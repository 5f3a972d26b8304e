"""Paths of the recordings API."""

from django.urls import path

from recordings.api import views

urlpatterns = [
    path("recording/start", views.Start.as_view(), name="recording-start"),
    path("recording/stop", views.Stop.as_view(), name="recording-stop"),
    path("recordings/list", views.RecordingList.as_view(), name="recording-list"),
]
