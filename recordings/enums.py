"""The states of a recording, and which may follow which."""

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
    RecordingState.PENDING: frozenset({RecordingState.PROCESSING}),
    RecordingState.PROCESSING: frozenset({RecordingState.READY, RecordingState.FAILED}),
    RecordingState.FAILED: frozenset({RecordingState.PROCESSING}),
}
