"""The states of a recording, and which may follow which."""

from django.db import models


class RecordingState(models.TextChoices):
    PENDING = "pending"
    RECORDING = "recording"
    INTERRUPTED = "interrupted"
    PROCESSING = "processing"
    UPLOADING = "uploading"
    READY = "ready"
    READY_PARTIAL = "ready_partial"
    FAILED = "failed"


TRANSITIONS: dict[RecordingState, frozenset[RecordingState]] = {
    RecordingState.PENDING: frozenset({RecordingState.PROCESSING}),
    RecordingState.PROCESSING: frozenset({RecordingState.READY, RecordingState.FAILED}),
    RecordingState.FAILED: frozenset({RecordingState.PROCESSING}),
}
