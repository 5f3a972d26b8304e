"""Meetings and who took part in them."""

from datetime import datetime
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rules import Person, is_reader_account
from config.lib.ids import ID_LENGTH, new_id

# As many hues as the stylesheet has; with more speakers they repeat, and the initials tell them apart.
HUES = 8


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: Person) -> Self:
        """Give the meetings whose content `user` may read: hosted by them, or attended; none for administrators."""
        if not is_reader_account(user):
            return self.none()
        # A subquery and not a join, so that nobody's meeting comes twice.
        attended = Participant.objects.filter(user=user).values("meeting_id")
        return self.filter(Q(host=user) | Q(pk__in=attended))

    def hosted_by(self, user: User) -> Self:
        return self.filter(host=user)

    def matching(self, *, title: str, since: datetime | None, until: datetime | None) -> Self:
        """Keep those with the words in their title, made between the two moments; what is empty is no filter."""
        found = self.filter(title__icontains=title.replace("\0", "")) if title else self
        found = found.filter(created_at__gte=since) if since else found
        return found.filter(created_at__lte=until) if until else found

    def with_participants_count(self) -> Self:
        return self.annotate(participants_count=Count("participants"))


class Meeting(models.Model):
    """What happened, or is to happen, once: its title, its times, its people."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    title = models.CharField(_("title"), max_length=200)
    host = models.ForeignKey(User, on_delete=models.PROTECT, related_name="hosted_meetings", verbose_name=_("host"))
    transcript_enabled = models.BooleanField(_("transcript is made"), default=True)
    summary_generated = models.BooleanField(_("notes are written"), default=False)
    recording_ids = ArrayField(models.CharField(max_length=128), default=list, blank=True, verbose_name=_("recordings"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    # Only on rows of `with_participants_count`.
    participants_count: int

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        indexes = [models.Index(fields=["host", "-created_at"], name="meeting_host_newest")]

    def __str__(self) -> str:
        return self.title

    @property
    def duration_ms(self) -> int:
        if self.started_at is None or self.ended_at is None:
            return 0
        return round((self.ended_at - self.started_at).total_seconds() * 1000)


class Participant(models.Model):
    """One person of a meeting, in the order in which they came; a guest or a recorded voice has no account."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="participations")
    name = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "position"], name="participant_position_unique"),
            models.CheckConstraint(condition=~Q(name=""), name="participant_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def hue(self) -> int:
        return self.position % HUES

    @property
    def initials(self) -> str:
        words = self.name.split()
        return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
