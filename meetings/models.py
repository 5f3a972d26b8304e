"""Meetings and who took part in them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rules import Person, is_reader_account
from config.lib.ids import ID_LENGTH, new_id
from config.lib.work import Work
from meetings.enums import PARTICIPANT_RIGHTS, InvitationKind, Right
from meetings.exceptions import MeetingNotFound
from meetings.occupancy import Attendance as Attendance
from meetings.occupancy import Session as Session
from rooms.models import PERSON_LENGTH, PERSON_NAME_LENGTH, GuestInvite, Room

# As many hues as the stylesheet has; with more speakers they repeat, and the initials tell them apart.
HUES = 8
ONE_RUNS = "meeting_one_runs_in_a_room"
# Whoever comes so long before or after the time of a planned meeting comes to it.
EARLY = timedelta(hours=1)
LATE = timedelta(hours=24)


def default_participant_rights() -> list[str]:
    return list(PARTICIPANT_RIGHTS)


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def visible_to(self, user: Person, right: str = Right.VIEW) -> Self:
        """Give the meetings whose content `user` may `view`, or has another right to; none for administrators.

        The host has every right; participants with an account have those that the meeting gives them; others what they
        were granted.
        """
        if not is_reader_account(user):
            return self.none()
        # Subqueries and not joins, so that nobody's meeting comes twice.
        attended = Participant.objects.filter(user=user).values("meeting_id")
        granted = AccessGrant.objects.filter(user=user, rights__contains=[right]).values("meeting_id")
        as_participant = Q(participant_rights__contains=[right], pk__in=attended)
        return self.filter(Q(host=user) | as_participant | Q(pk__in=granted))

    def known_to(self, user: Person) -> Self:
        """Give the meetings that `user` may know of: those above, those to which they were invited, and those to come
        in rooms that they belong to."""
        if not is_reader_account(user):
            return self.none()
        attended = Participant.objects.filter(user=user).values("meeting_id")
        granted = AccessGrant.objects.filter(user=user).values("meeting_id")
        invited = Invitation.objects.of(user).values("meeting_id")
        rooms = Room.objects.of(user).values("pk")
        to_come = Q(ended_at=None, room__in=rooms)
        return self.filter(Q(host=user) | Q(pk__in=attended) | Q(pk__in=granted) | Q(pk__in=invited) | to_come)

    def hosted_by(self, user: User) -> Self:
        return self.filter(host=user)

    def matching(self, *, title: str, since: datetime | None, until: datetime | None) -> Self:
        """Keep those with the words in their title, made between the two moments; what is empty is no filter."""
        found = self.filter(title__icontains=title.replace("\0", "")) if title else self
        found = found.filter(created_at__gte=since) if since else found
        return found.filter(created_at__lte=until) if until else found

    def by_date(self) -> Self:
        """Order by `at`, when they took place or are to, the last first."""
        return self.annotate(at=Coalesce("started_at", "starts_at", "created_at")).order_by("-at", "-pk")

    def lock(self, meeting: "Meeting") -> "Meeting":
        """Read a row anew and hold it to the end of the transaction; rows that refer to it may still be inserted.

        Raises:
            MeetingNotFound: somebody deleted it meanwhile.
        """
        held = self.select_for_update(of=["self"], no_key=True).select_related("host")
        found = held.filter(pk=meeting.pk).first()
        if found is None:
            raise MeetingNotFound
        return found

    def lock_together(self, meeting_ids: Iterable[str]) -> set[str]:
        """Hold several rows to the end of the transaction, in the same order for everybody; give those that are there
        still."""
        held = self.select_for_update(of=["self"], no_key=True).filter(pk__in={*meeting_ids}).order_by("pk")
        return {*held.values_list("pk", flat=True)}

    def running_in(self, room_id: str | None) -> "Meeting | None":
        return self.filter(room=room_id, started_at__isnull=False, ended_at=None).first()

    def running_in_each(self, room_ids: Iterable[str]) -> "dict[str, Meeting]":
        """Give the meetings that run in rooms, by room, each with its room and the room's owner."""
        running = self.filter(room__in={*room_ids}, started_at__isnull=False, ended_at=None)
        return {meeting.room_id or "": meeting for meeting in running.select_related("room__owner")}

    def awaited_in_each(self, room_ids: Iterable[str]) -> "dict[str, Meeting]":
        """Give for each room the meeting that begins there when somebody comes: one that has no time, or whose time has
        come or is near; of several the one that was to begin last."""
        now = timezone.now()
        is_time = Q(starts_at__gte=now - LATE, starts_at__lte=now + EARLY)
        to_come = self.filter(is_time | Q(starts_at=None), room__in={*room_ids}, started_at=None, ended_at=None)
        in_order = to_come.order_by("room", F("starts_at").desc(nulls_last=True), "pk")
        return {meeting.room_id or "": meeting for meeting in in_order.distinct("room")}

    def left_before(self, moment: datetime) -> Self:
        """Give those that run in rooms where nobody is any more, and whoever left last did so before a moment."""
        stays = Attendance.objects.filter(session__room=OuterRef("room"))
        last = stays.filter(left_at__gte=OuterRef("started_at")).order_by("-left_at").values("left_at")[:1]
        running = self.filter(started_at__isnull=False, ended_at=None, room__isnull=False)
        return running.annotate(left_at=Subquery(last)).filter(~Exists(stays.filter(left_at=None)), left_at__lt=moment)

    def with_participants_count(self) -> Self:
        # Counted row by row: joined and grouped, everything that is hosted would be counted to show one page.
        ours = Participant.objects.filter(meeting=OuterRef("pk")).order_by()
        counts = ours.values("meeting").values(count=Count("*"))
        return self.annotate(participants_count=Coalesce(Subquery(counts), 0))


class Meeting(models.Model):
    """What happened, or is to happen, once: its title, its times, its people."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    title = models.CharField(_("title"), max_length=200)
    host = models.ForeignKey(User, on_delete=models.PROTECT, related_name="hosted_meetings", verbose_name=_("host"))
    room = models.ForeignKey(
        Room, on_delete=models.SET_NULL, null=True, blank=True, related_name="meetings", verbose_name=_("room")
    )
    transcript_enabled = models.BooleanField(_("transcript is made"), default=True)
    # Set by a client: notes are wanted. Set by the notes: they are there.
    summary_generated = models.BooleanField(_("notes are written"), default=False)
    recording_ids = ArrayField(models.CharField(max_length=128), default=list, blank=True, verbose_name=_("recordings"))
    # What participants with an account may do with its content; copied from the defaults when the meeting is made.
    participant_rights = ArrayField(
        models.CharField(max_length=9, choices=Right), default=default_participant_rights, blank=True
    )
    # When it is planned, in whose time, and for how long.
    starts_at = models.DateTimeField(_("planned for"), null=True, blank=True)
    duration_minutes = models.PositiveIntegerField(_("planned minutes"), null=True, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    # RFC 5545: grows with each change that the invited were told of.
    invitation_sequence = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    # Only on rows of `with_participants_count`, and of `by_date`.
    participants_count: int
    at: datetime

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        constraints = [
            models.UniqueConstraint(
                fields=["room"],
                condition=Q(started_at__isnull=False, ended_at=None),
                name=ONE_RUNS,
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(started_at__isnull=False), name="meeting_that_ended_had_started"
            ),
        ]
        indexes = [
            models.Index(fields=["host", "-id"], name="meeting_host_newest"),
            models.Index(fields=["room", "-id"], name="meeting_room_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_running(self) -> bool:
        return self.started_at is not None and self.ended_at is None

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

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
    # The id of a guest, who has no account.
    guest = models.CharField(max_length=PERSON_LENGTH, blank=True, db_default="")
    name = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "position"], name="participant_position_unique"),
            models.UniqueConstraint(fields=["meeting", "guest"], condition=~Q(guest=""), name="participant_guest_once"),
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


class AccessGrant(models.Model):
    """Rights to one meeting's content that somebody was given, or has as a co-host: each in a row of its own."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    rights = ArrayField(models.CharField(max_length=9, choices=Right), default=list)
    is_cohost = models.BooleanField(default=False)
    # By which they were named; empty where it was by id, so that nobody learns whose address it is.
    email = models.EmailField(blank=True)
    granted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "user", "is_cohost"], name="access_grant_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {', '.join(self.rights)}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def of(self, user: User) -> Self:
        """Give what `user` was invited by, with the account that they had then: an address that somebody registers
        afterwards proves nothing, and whoever had no account comes by the link in the mail."""
        return self.filter(email=user.email, cancelled_at=None, created_at__gte=user.date_joined)


class Invitation(models.Model):
    """Somebody who was asked to come, by mail; `email` is in lower case."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    # What lets somebody without an account into the room.
    guest_invite = models.ForeignKey(GuestInvite, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    cancelled_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "email"], name="invitation_once")]
        indexes = [models.Index(fields=["email"], condition=Q(cancelled_at=None), name="invitation_by_email")]

    def __str__(self) -> str:
        return self.email


class InvitationMail(Work):
    """The work of telling one invited person that they are asked to come, that something changed, or that it is off.

    It names the meeting without a foreign key, since word that it is off outlives it. What it says is fixed when it is
    decided on, and forgotten once it has left.
    """

    task = "meetings.send_invitation"
    is_quick = True

    meeting_id = models.CharField(_("meeting"), max_length=ID_LENGTH)
    email = models.EmailField(_("e-mail"))
    kind = models.CharField(_("kind"), max_length=7, choices=InvitationKind)
    sequence = models.PositiveIntegerField(_("sequence"))
    content = models.JSONField(default=dict, editable=False)

    class Meta(Work.Meta):
        verbose_name = _("invitation mail")
        verbose_name_plural = _("invitation mails")
        indexes = [*Work.Meta.indexes, models.Index(fields=["meeting_id", "email"], name="invitation_mail_of")]

    @classmethod
    def max_attempts(cls) -> int:
        return 10

    def backoff_seconds(self) -> float:
        """Wait for 15 s first and then ever longer, two hours in all: servers put strangers off on purpose."""
        return float(15 * 2 ** (self.attempts - 1))


class Consent(models.Model):
    """Whether somebody takes part in recording and transcription; who never answered does."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="consents")
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    # The id of a guest, who has no account.
    guest = models.CharField(max_length=PERSON_LENGTH, blank=True, db_default="")
    take_part = models.BooleanField()
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "user"], name="consent_once"),
            models.UniqueConstraint(fields=["meeting", "guest"], condition=~Q(guest=""), name="consent_of_guest_once"),
            models.CheckConstraint(
                condition=Q(user=None) & ~Q(guest="") | Q(user__isnull=False, guest=""),
                name="consent_is_of_user_or_guest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id or self.guest}: {self.take_part}"


class ChatMessageQuerySet(models.QuerySet["ChatMessage"]):
    def audible_to(self, *people: str) -> Self:
        """Keep what was said to everybody, by one of these people, and to one of them alone."""
        return self.filter(Q(to="") | Q(to__in=people) | Q(person__in=people))

    def people(self) -> set[str]:
        """Give the ids of all who said something, or to whom alone it was said."""
        return {person for pair in self.values_list("person", "to") for person in pair} - {""}


class ChatMessage(models.Model):
    """Something that was said in the chat of a room: what, is sealed with the data key of the meeting, or of the room
    where none ran.

    Its id is that of the event by which the room hears of it.
    """

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    room = models.ForeignKey(Room, on_delete=models.SET_NULL, null=True, related_name="+")
    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, null=True, related_name="chat")
    # The id of the user or guest who said it, and of the one whom alone it is for.
    person = models.CharField(max_length=PERSON_LENGTH)
    to = models.CharField(max_length=PERSON_LENGTH, blank=True)
    name = models.CharField(max_length=PERSON_NAME_LENGTH)
    body = models.BinaryField()
    # The sender's own name for it; saying it again says nothing new.
    ref = models.CharField(max_length=64, blank=True)
    said_at = models.DateTimeField()
    # Null while the room was not told.
    published_at = models.DateTimeField(null=True)
    # Its number in the room; none where it is private.
    seq = models.PositiveBigIntegerField(null=True)

    objects = ChatMessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "person", "ref"], condition=~Q(ref=""), name="chat_ref_once"),
        ]
        indexes = [
            models.Index(fields=["meeting", "id"], name="chat_of_meeting"),
            models.Index(fields=["said_at"], condition=Q(published_at=None), name="chat_not_published"),
            models.Index(fields=["said_at"], condition=Q(meeting=None), name="chat_of_no_meeting"),
        ]

    def __str__(self) -> str:
        return self.id

    def is_audible_to(self, person: str) -> bool:
        return self.to == "" or person in (self.to, self.person)

    @property
    def sealed_by(self) -> str:
        """Name whose data key it is sealed with."""
        return self.meeting_id or self.room_id or ""
