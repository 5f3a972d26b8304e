"""Paths of the reporting API."""

from django.urls import path

from reporting.api import views

urlpatterns = [
    path("total-sessions-for-user", views.TotalSessions.as_view(), name="report-total"),
    path("total-sessions-aggregation-for-user", views.SessionsByDay.as_view(), name="report-by-day"),
    path("total-sessions-statistics-for-user", views.SessionsByType.as_view(), name="report-by-type"),
    path("total-sessions-by-location-for-user", views.SessionsByPlace.as_view(), name="report-by-place"),
    path(
        "total-sessions-and-participants-count-by-location-for-user",
        views.PeopleByCity.as_view(),
        name="report-people-by-city",
    ),
]
