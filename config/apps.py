"""Wiring of the composition root."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        # The Celery app must exist in every process that rings for work, and the checks must be registered.
        from config import celery, checks  # noqa: F401, PLC0415 - both need the app registry
