"""Paths of the pages about meetings, and of the doors to them; `/m/…` itself belongs to what was said."""

from django.urls import path

from meetings import views

urlpatterns = [
    path("r/<str:room_id>", views.door, name="door"),
    path("app/meetings", views.meetings, name="meetings"),
    path("app/meetings/new", views.plan, name="meeting_new"),
    path("m/<str:meeting_id>/settings", views.settings, name="meeting_settings"),
    path("m/<str:meeting_id>/end", views.end, name="meeting_end"),
    path("m/<str:meeting_id>/delete", views.delete, name="meeting_delete"),
    path("m/<str:meeting_id>/access", views.access_page, name="meeting_access"),
    path("m/<str:meeting_id>/access/<str:user_id>/take", views.take_access, name="meeting_access_take"),
]
