"""Wiring of the transcripts app."""

from django.apps import AppConfig


class TranscriptsConfig(AppConfig):
    name = "transcripts"

    def ready(self) -> None:
        from config.lib import facts  # noqa: PLC0415 - the app registry must be whole
        from transcripts import actions  # noqa: PLC0415 - the app registry must be whole

        facts.subscribe("track_closed", actions.queue_recognition)
        facts.subscribe("work_settled", actions.follow_recognition)
