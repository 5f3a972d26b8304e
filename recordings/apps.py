"""Wiring of the recordings app."""

from django.apps import AppConfig


class RecordingsConfig(AppConfig):
    name = "recordings"

    def ready(self) -> None:
        from config.lib import facts  # noqa: PLC0415 - the app registry must be whole
        from recordings import actions  # noqa: PLC0415 - the app registry must be whole

        facts.subscribe("work_settled", actions.settle_recording)
