"""Paths of the meetings API."""

from django.urls import path

from meetings.api import views

urlpatterns = [path("meetings/list/<str:user_id>", views.MeetingList.as_view(), name="meeting-list")]
