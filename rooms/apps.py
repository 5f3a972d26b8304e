"""Wiring of the rooms app."""

from django.apps import AppConfig


class RoomsConfig(AppConfig):
    name = "rooms"
