"""The states of a recording, and which may follow which; what a track holds."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RecordingState(models.TextChoices):
    PENDING = "pending", _("Pending")
    RECORDING = "recording", _("Being recorded")
    INTERRUPTED = "interrupted", _("Interrupted")
    PROCESSING = "processing", _("Processing")
    UPLOADING = "uploading", _("Uploading")
    READY = "ready", _("Ready")
    READY_PARTIAL = "ready_partial", _("Ready in part")
    FAILED = "failed", _("Failed")


TRANSITIONS: dict[RecordingState, frozenset[RecordingState]] = {
    RecordingState.PENDING: frozenset({RecordingState.RECORDING, RecordingState.PROCESSING}),
    RecordingState.RECORDING: frozenset({RecordingState.INTERRUPTED}),
    RecordingState.INTERRUPTED: frozenset({RecordingState.RECORDING}),
    RecordingState.PROCESSING: frozenset({RecordingState.READY, RecordingState.FAILED}),
    RecordingState.FAILED: frozenset({RecordingState.PROCESSING}),
}

# What can be played, whole or in part.
PLAYABLE = frozenset({RecordingState.READY, RecordingState.READY_PARTIAL})


class VideoType(models.TextChoices):
    """What a track shows or sounds like; of an imported file only the sound is used."""

    VIDEO = "video", _("Camera")
    AUDIO = "audio", _("Sound")
    SCREEN = "screen", _("Screen")
