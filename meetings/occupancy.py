"""The tables of who was in which room and when, from which reports are made."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from config.lib.ids import ID_LENGTH, new_id
from rooms.enums import RoomType
from rooms.models import Room

PLACE_LENGTH = 100
DOMAIN_LENGTH = 253


class Session(models.Model):
    """One continuous occupancy of a room, as reports count it; place and host stay as they were at its start."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    room = models.ForeignKey(Room, on_delete=models.SET_NULL, null=True, related_name="sessions")
    host = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="sessions", db_index=False, verbose_name=_("host")
    )
    type = models.CharField(_("type"), max_length=10, choices=RoomType)
    # The host part of the page or API origin that opened it.
    domain = models.CharField(_("domain"), max_length=DOMAIN_LENGTH, blank=True)
    country_code = models.CharField(_("country code"), max_length=2, blank=True)
    country_name = models.CharField(_("country"), max_length=PLACE_LENGTH, blank=True)
    region = models.CharField(_("region"), max_length=PLACE_LENGTH, blank=True)
    city = models.CharField(_("city"), max_length=PLACE_LENGTH, blank=True)
    started_at = models.DateTimeField(_("started"))
    # Null while somebody is there; reports count completed sessions only.
    ended_at = models.DateTimeField(_("ended"), null=True)
    is_over = models.GeneratedField(
        expression=Q(ended_at__isnull=False),  # type: ignore[arg-type] # the stubs know no conditions
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("started_at")),
                name="session_ends_after_it_starts",
            ),
            models.UniqueConstraint(fields=["room"], condition=Q(ended_at=None), name="session_one_open_in_a_room"),
            # Unique as the id in it is: attendances refer to all four, see there. It also finds the sessions of a time.
            models.UniqueConstraint(fields=["started_at", "city", "is_over", "id"], name="session_as_attendances_know"),
        ]
        indexes = [models.Index(fields=["host", "started_at"], name="session_of_host")]

    def __str__(self) -> str:
        return self.id


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def in_room(self, room_id: str | None) -> Self:
        """Give the stays of those who are in a room at this moment, in the order in which they came."""
        return self.filter(session__room=room_id, session__ended_at=None, left_at=None).order_by("pk")


class Attendance(models.Model):
    """One person's stay in a session; `person` is the id of a user or of a guest, the same in each stay.

    It repeats what reports over all hosts look for in sessions, so that they need not join millions of rows. A foreign
    key over these columns, which the migration makes, lets the database itself keep them equal to the session's.
    """

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    session = models.ForeignKey(
        Session, on_delete=models.CASCADE, related_name="attendances", db_constraint=False, db_index=False
    )
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    # Compared byte by byte, which makes telling millions of people apart several times as fast.
    person = models.CharField(max_length=64, db_collation="C")
    name = models.CharField(max_length=100, blank=True)
    # Of the room; empty where the stay was noted otherwise.
    seat = models.CharField(max_length=ID_LENGTH, blank=True, db_default="")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=20, blank=True)
    session_started_at = models.DateTimeField(editable=False)
    session_city = models.CharField(max_length=PLACE_LENGTH, blank=True, editable=False)
    session_is_over = models.BooleanField(editable=False)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gte=models.F("joined_at")),
                name="attendance_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["seat"], condition=Q(left_at=None) & ~Q(seat=""), name="attendance_seat_taken_once"
            ),
        ]
        indexes = [
            models.Index(fields=["session", "person", "session_city"], name="attendance_of_session"),
            models.Index(
                fields=["session_city", "session_started_at"],
                include=["person", "session"],
                condition=Q(session_is_over=True),
                name="attendance_by_city",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.session_id}"

    def save(self, *args: Any, **options: Any) -> None:
        if self._state.adding:
            self.repeat_session()
        super().save(*args, **options)

    def repeat_session(self) -> None:
        """Copy what is repeated of the session; saving a new row does so, inserting in bulk does not."""
        self.session_started_at = self.session.started_at
        self.session_city = self.session.city
        self.session_is_over = self.session.ended_at is not None
