"""Wiring of the transcripts app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TranscriptsConfig(AppConfig):
    name = "transcripts"
    verbose_name = _("Transcripts")

    def ready(self) -> None:
        from config.lib import facts  # noqa: PLC0415 - the app registry must be whole
        from transcripts import actions  # noqa: PLC0415 - the app registry must be whole

        facts.subscribe("track_closed", actions.queue_recognition)
        facts.subscribe("work_settled", actions.follow_recognition)
        facts.subscribe("work_progressed", actions.tell_progress)
        facts.subscribe("meeting_ended", actions.follow_meeting)
