"""Recordings: the tracks of a meeting, one per person, and the sound that the page plays."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rules import Person, is_reader_account
from config.lib.ids import ID_LENGTH, new_id
from config.lib.work import Work
from meetings.models import Meeting, Participant
from recordings.enums import PLAYABLE, TRANSITIONS, RecordingState, VideoType
from rooms.models import Room


class RecordingQuerySet(models.QuerySet["Recording"]):
    def visible_to(self, user: Person) -> Self:
        """Give those of the user's own rooms, and those of meetings that the user may view; none for administrators."""
        if not is_reader_account(user):
            return self.none()
        own = Room.objects.filter(owner=user)
        return self.filter(Q(room__in=own) | Q(meeting__in=Meeting.objects.visible_to(user)))

    def matching(self, *, room_id: str, state: str, since: datetime | None, until: datetime | None) -> Self:
        """Keep those of the room and in the state, made between the two moments; what is empty is no filter."""
        found = self.filter(room=room_id) if room_id else self
        found = found.filter(state=state) if state else found
        found = found.filter(created_at__gte=since) if since else found
        return found.filter(created_at__lte=until) if until else found


class Recording(models.Model):
    """What was captured at one time: in a room, whether or not a meeting ran there, or of an imported meeting."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    room = models.ForeignKey(
        Room, on_delete=models.SET_NULL, null=True, related_name="recordings", verbose_name=_("room")
    )
    meeting = models.ForeignKey(
        Meeting, on_delete=models.CASCADE, null=True, related_name="recordings", verbose_name=_("meeting")
    )
    recording_id = models.CharField(_("recording"), max_length=128)
    host_name = models.CharField(_("host"), max_length=100)
    state = models.CharField(_("state"), max_length=16, choices=RecordingState.choices, default=RecordingState.PENDING)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = RecordingQuerySet.as_manager()

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        constraints = [models.UniqueConstraint(fields=["room", "recording_id"], name="recording_once_in_a_room")]

    def __str__(self) -> str:
        return self.recording_id

    @property
    def is_playable(self) -> bool:
        return self.state in PLAYABLE

    def change_state(self, state: RecordingState) -> None:
        """Move to `state`; the only place that assigns it."""
        if state not in TRANSITIONS.get(RecordingState(self.state), frozenset()):
            raise ValueError(f"a recording cannot go from {self.state} to {state}")
        self.state = state


class Track(models.Model):
    """One stream from beginning to end; what is known of its file is empty until something was captured."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="tracks")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, null=True, related_name="tracks")
    stream_id = models.CharField(max_length=128)
    video_type = models.CharField(max_length=6, choices=VideoType, default=VideoType.AUDIO)
    # What a client of REST said when it began and ended the track.
    user_name = models.CharField(max_length=100, blank=True)
    started_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    offset_ms = models.PositiveIntegerField(default=0, help_text="when this track begins, after the meeting began")
    duration_ms = models.PositiveIntegerField(default=0, help_text="what is captured")
    file = models.FileField(max_length=200, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="bytes")
    sha256 = models.CharField(max_length=64, blank=True)
    container = models.CharField(max_length=40, blank=True)
    codec = models.CharField(max_length=40, blank=True)
    peaks = models.JSONField(default=list, help_text="loudness 0 to 255, PEAKS_PER_SECOND of them a second")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["participant__position", "pk"]
        constraints = [
            # With the one of recordings: once for each room, recording and stream.
            models.UniqueConstraint(fields=["recording", "stream_id"], name="track_stream_unique"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("started_at")),
                name="track_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recording_id}: {self.stream_id}"

    @property
    def is_open(self) -> bool:
        return self.started_at is not None and self.ended_at is None

    @property
    def expected_ms(self) -> int:
        """Say how long the track is according to who stopped it; what nobody stopped is as long as what is captured."""
        if self.started_at is None or self.ended_at is None:
            return self.duration_ms
        return round((self.ended_at - self.started_at).total_seconds() * 1000)


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
