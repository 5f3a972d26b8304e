"""What was said, encrypted, and the work that finds it out and writes it up."""

from typing import Self, cast

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config.lib.ids import ID_LENGTH, new_id
from config.lib.work import Work
from meetings.models import Meeting, Participant
from recordings.models import Track
from rooms.models import PERSON_LENGTH, PERSON_NAME_LENGTH, Room


class TrackRecognition(Work):
    """The work of recognising the speech of one track; `cursor_ms` is how far its lines are committed."""

    task = "transcripts.recognise_track"

    track = models.OneToOneField(Track, on_delete=models.CASCADE, related_name="recognition", verbose_name=_("track"))
    meeting = models.ForeignKey(
        Meeting, on_delete=models.CASCADE, related_name="recognitions", verbose_name=_("meeting")
    )
    engine = models.CharField(_("engine"), max_length=40, blank=True)
    # What the engine learnt of the voice up to the cursor, for whoever goes on from there.
    engine_state = models.CharField(max_length=500, blank=True, editable=False)
    cursor_ms = models.PositiveIntegerField(_("recognised up to, ms"), default=0)
    missing = models.JSONField(
        _("missing"), default=list, help_text=_("[[from ms, to ms, reason], …] on the track's own clock")
    )

    class Meta(Work.Meta):
        verbose_name = _("track recognition")
        verbose_name_plural = _("track recognitions")

    @property
    def speaker(self) -> Participant:
        """Whose track it is: what nobody is known to have said is not recognised."""
        return cast(Participant, self.track.participant)


class NotesWriting(Work):
    """The work of writing the notes of one meeting."""

    task = "transcripts.write_notes"

    meeting = models.OneToOneField(
        Meeting, on_delete=models.CASCADE, related_name="notes_writing", verbose_name=_("meeting")
    )

    class Meta(Work.Meta):
        verbose_name = _("notes writing")
        verbose_name_plural = _("notes writings")


class LineQuerySet(models.QuerySet["Line"]):
    def spoken(self) -> Self:
        """Order as spoken: by time, and where two began at once, by who came first."""
        return self.order_by("start_ms", "participant__position", "pk")


class Line(models.Model):
    """One thing that one person said, encrypted; times are on the meeting's clock."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="lines")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="lines")
    track = models.ForeignKey(Track, on_delete=models.CASCADE, null=True, related_name="lines")
    # Who sent it, and under which id, where it was sent and not recognised.
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    client_id = models.CharField(max_length=128, blank=True)
    language = models.CharField(max_length=35, blank=True, help_text="BCP 47")
    start_ms = models.PositiveIntegerField()
    end_ms = models.PositiveIntegerField()
    message = models.BinaryField()
    # The database's clock, one for all processes: whoever asks for what is new misses nothing.
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = LineQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["meeting", "start_ms"], name="line_spoken"),
            models.Index(fields=["meeting", "created_at"], name="line_stored"),
        ]
        constraints = [
            # Recognising a stretch of a track twice must not say it twice.
            models.UniqueConstraint(fields=["track", "start_ms"], name="line_once_per_track"),
            # Nor must a client that sends a line again because the answer was lost.
            models.UniqueConstraint(
                fields=["meeting", "author", "client_id"], condition=~Q(client_id=""), name="line_once_per_client_id"
            ),
            models.CheckConstraint(condition=Q(end_ms__gte=models.F("start_ms")), name="line_ends_after_it_starts"),
        ]

    def __str__(self) -> str:
        return f"line {self.pk}"


class Caption(models.Model):
    """How a line was said in a room; the id of the line is that of the event by which the room hears of it."""

    line = models.OneToOneField(Line, on_delete=models.CASCADE, primary_key=True, related_name="caption")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+")
    # The id of the user or guest who said it.
    person = models.CharField(max_length=PERSON_LENGTH)
    name = models.CharField(max_length=PERSON_NAME_LENGTH)
    said_at = models.DateTimeField()
    # The speaker's own name for the partial that it follows.
    replaces = models.CharField(max_length=128, blank=True)
    # Its number in the room; null while the room was not told.
    seq = models.PositiveBigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["said_at"], condition=Q(seq=None), name="caption_not_told")]

    def __str__(self) -> str:
        return f"caption of {self.line_id}"


class Notes(models.Model):
    """The notes of one meeting: fields and sources as JSON, encrypted."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="notes")
    body = models.BinaryField()
    generator = models.CharField(max_length=40)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "notes"

    def __str__(self) -> str:
        return f"notes {self.pk}"
