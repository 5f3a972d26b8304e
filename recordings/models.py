"""Recordings: the tracks of a meeting, one per person, and the sound that the page plays."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.rules import Person
from config.lib.ids import ID_LENGTH, new_id
from config.lib.work import Work
from meetings.models import Meeting, Participant
from recordings.enums import TRANSITIONS, RecordingState


class Recording(models.Model):
    """What was captured of one meeting at one time."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="recordings", verbose_name=_("meeting"))
    recording_id = models.CharField(_("recording"), max_length=128)
    host_name = models.CharField(_("host"), max_length=100)
    state = models.CharField(_("state"), max_length=16, choices=RecordingState.choices, default=RecordingState.PENDING)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")

    def __str__(self) -> str:
        return self.recording_id

    def change_state(self, state: RecordingState) -> None:
        """Move to `state`; the only place that assigns it."""
        if state not in TRANSITIONS.get(RecordingState(self.state), frozenset()):
            raise ValueError(f"a recording cannot go from {self.state} to {state}")
        self.state = state


class Track(models.Model):
    """One person's sound from beginning to end, as it came in."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="tracks")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="tracks")
    stream_id = models.CharField(max_length=128)
    offset_ms = models.PositiveIntegerField(help_text="when this track begins, after the meeting began")
    duration_ms = models.PositiveIntegerField()
    file = models.FileField(max_length=200)
    file_name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    container = models.CharField(max_length=40)
    codec = models.CharField(max_length=40)
    peaks = models.JSONField(default=list, help_text="loudness 0 to 255, PEAKS_PER_SECOND of them a second")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["participant__position"]
        constraints = [models.UniqueConstraint(fields=["recording", "stream_id"], name="track_stream_unique")]

    def __str__(self) -> str:
        return f"{self.recording_id}: {self.stream_id}"


class AudioMixQuerySet(models.QuerySet["AudioMix"]):
    def visible_to(self, user: Person) -> Self:
        return self.filter(recording__meeting__in=Meeting.objects.visible_to(user))


class AudioMix(Work):
    """The work of mixing a recording's tracks into the one sound that the page plays."""

    task = "recordings.mix_audio"

    recording = models.OneToOneField(
        Recording, on_delete=models.CASCADE, related_name="mix", verbose_name=_("recording")
    )
    file = models.FileField(_("file"), max_length=200, blank=True)

    objects = AudioMixQuerySet.as_manager()

    class Meta(Work.Meta):
        verbose_name = _("audio mix")
        verbose_name_plural = _("audio mixes")
