"""Paths of the meetings API."""

from django.urls import path

from meetings.api import access, views

urlpatterns = [
    path("meetings/create", views.MeetingCreate.as_view(), name="meeting-create"),
    path("meetings/update/<str:meeting_id>", views.MeetingUpdate.as_view(), name="meeting-update"),
    path("meetings/list/<str:user_id>", views.MeetingList.as_view(), name="meeting-list"),
    path("meetings/<str:meeting_id>", views.OneMeeting.as_view(), name="meeting-one"),
    path("meetings/<str:meeting_id>/end", views.MeetingEnd.as_view(), name="meeting-end"),
    path("meetings/<str:meeting_id>/access", access.MeetingAccess.as_view(), name="meeting-access"),
    path("meetings/<str:meeting_id>/consent", access.MeetingConsent.as_view(), name="meeting-consent"),
]
