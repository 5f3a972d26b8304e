"""Paths of the rooms API."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
