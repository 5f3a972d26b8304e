"""Rooms, the places that last, and what people are in them."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rules import Person, is_reader_account
from config.lib.ids import ID_LENGTH, new_id
from rooms.enums import WATCHED, RoomRole, RoomType

NAME_LENGTH = 200


class RoomQuerySet(models.QuerySet["Room"]):
    def of(self, user: Person) -> Self:
        """Give the rooms that `user` owns or is a member of; none for administrators."""
        if not is_reader_account(user):
            return self.none()
        joined = RoomMember.objects.filter(user=user).values("room_id")
        return self.filter(Q(owner=user) | Q(pk__in=joined))

    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)


class Room(models.Model):
    """A place that lasts; meetings happen in it, one at a time."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    type = models.CharField(_("type"), max_length=10, choices=RoomType, default=RoomType.MEETING)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="rooms", verbose_name=_("owner"))
    max_participants = models.PositiveIntegerField(_("most participants"), null=True, blank=True)
    is_private = models.BooleanField(
        _("private"), default=False, help_text=_("Newcomers wait until the host admits them.")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = RoomQuerySet.as_manager()

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="room_has_a_name"),
            models.CheckConstraint(condition=Q(type__in=RoomType.values), name="room_type_is_known"),
            models.CheckConstraint(
                condition=Q(max_participants=None) | Q(max_participants__gte=1), name="room_takes_somebody"
            ),
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="room_owner_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def newcomer_role(self) -> RoomRole:
        return RoomRole.VIEWER if self.type in WATCHED else RoomRole.PARTICIPANT

    @property
    def is_mesh(self) -> bool:
        """Say whether media go from peer to peer, as they do while there is no media server."""
        return True


class RoomMember(models.Model):
    """Somebody with an account who belongs to a room; the owner needs no row."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="members", verbose_name=_("room"))
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=12, choices=RoomRole, default=RoomRole.PARTICIPANT)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    class Meta:
        verbose_name = _("member of a room")
        verbose_name_plural = _("members of rooms")
        constraints = [
            models.UniqueConstraint(fields=["room", "user"], name="room_member_once"),
            models.CheckConstraint(
                condition=Q(role__in=[role for role in RoomRole.values if role != RoomRole.HOST]),
                name="room_member_is_not_the_host",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.room_id}"
