"""Wiring of the recordings app."""

import os

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class RecordingsConfig(AppConfig):
    name = "recordings"
    verbose_name = _("Recordings")

    def ready(self) -> None:
        from config.lib import facts  # noqa: PLC0415 - the app registry must be whole
        from recordings import actions  # noqa: PLC0415 - the app registry must be whole

        if settings.FFMPEG_BINARY:
            # The media modules know no settings; a value from CONFIG_FILE reaches them this way.
            os.environ["FFMPEG_BINARY"] = settings.FFMPEG_BINARY
        facts.subscribe("work_settled", actions.settle_recording)
        facts.subscribe("work_progressed", actions.tell_progress)
        facts.subscribe("meeting_deleted", actions.remove_files)
