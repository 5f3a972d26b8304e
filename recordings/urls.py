"""Paths of the pages about recordings."""

from django.urls import path

from recordings import views

urlpatterns = [path("app/import", views.import_page, name="import")]
