"""Rooms, the places that last, and what people are in them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, OuterRef, Q, Subquery, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rules import Person, is_reader_account
from config.lib.ids import ID_LENGTH, new_id
from rooms.enums import GUEST_ROLES, WATCHED, RoomRole, RoomType
from rooms.exceptions import RoomNotFound
from rooms.names import NAME_PATTERN

NAME_LENGTH = 200
PERSON_NAME_LENGTH = 100
# `g_` and an id, for guests; an id, for users.
PERSON_LENGTH = ID_LENGTH + 2
SHA256_LENGTH = 64
# The folder in storage.
DOCUMENTS = "documents"
# For so long somebody may wait before the door, or come back to it once admitted.
TICKET_LIFE = timedelta(hours=24)
# As many may wait there at once, and as many guests of one invitation, which others may have passed on.
MOST_WAITING = 100
MOST_WAITING_BY_INVITE = 50


class RoomQuerySet(models.QuerySet["Room"]):
    def of(self, user: Person) -> Self:
        """Give the rooms that `user` owns or is a member of; none for administrators."""
        if not is_reader_account(user):
            return self.none()
        joined = RoomMember.objects.filter(user=user).values("room_id")
        return self.filter(Q(owner=user) | Q(pk__in=joined))

    def hosted_by(self, user: User) -> Self:
        """Give the rooms that `user` owns or co-hosts."""
        joined = RoomMember.objects.filter(user=user, role=RoomRole.COHOST).values("room_id")
        return self.filter(Q(owner=user) | Q(pk__in=joined))

    def locked(self, room_id: str) -> "Room":
        """Lock a room for whatever depends on how it is, or that it is still there; rows may be put into it meanwhile.

        It is locked before anything that refers to it, meetings too: whoever deletes it begins with it.

        Raises:
            RoomNotFound: it was deleted.
        """
        found = self.locked_together([room_id])
        if not found:
            raise RoomNotFound
        return found[room_id]

    def locked_together(self, room_ids: Iterable[str]) -> "dict[str, Room]":
        """Lock several rooms, in the same order for everybody; those that were deleted are left out."""
        held = self.select_related("owner").select_for_update(of=("self",), no_key=True)
        return {room.pk: room for room in held.filter(pk__in={*room_ids}).order_by("pk")}

    def with_role_of(self, user: User) -> Self:
        """Add what `user` is in each room, as `role`; null where nothing."""
        joined = RoomMember.objects.filter(room=OuterRef("pk"), user=user).values("role")
        return self.annotate(role=Case(When(owner=user, then=Value(RoomRole.HOST)), default=Subquery(joined)))


class Room(models.Model):
    """A place that lasts; meetings happen in it, one at a time."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    name = models.CharField(
        _("name"), max_length=NAME_LENGTH, validators=[RegexValidator(NAME_PATTERN, _("Give the room a name."))]
    )
    type = models.CharField(_("type"), max_length=10, choices=RoomType, default=RoomType.MEETING)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="rooms", verbose_name=_("owner"))
    max_participants = models.PositiveIntegerField(_("most participants"), null=True, blank=True)
    is_private = models.BooleanField(
        _("private"), default=False, help_text=_("Newcomers wait until the host admits them.")
    )
    # While a meeting runs nobody new comes in.
    is_locked = models.BooleanField(_("locked"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    # Only on rows of `with_role_of`.
    role: str | None

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


class Ruling(models.Model):
    """What hosts decided about one person while a meeting runs: a role, or that they stay out."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="rulings")
    person = models.CharField(max_length=PERSON_LENGTH)
    # Empty: as they were.
    role = models.CharField(max_length=12, choices=RoomRole, blank=True)
    is_removed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "person"], name="ruling_once"),
            models.CheckConstraint(
                condition=Q(role__in=[role for role in RoomRole.values if role != RoomRole.HOST]) | Q(role=""),
                name="ruling_makes_nobody_the_host",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.room_id}"


class GuestInviteQuerySet(models.QuerySet["GuestInvite"]):
    def open(self) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())


class GuestInvite(models.Model):
    """What lets people without an account into a room; of the secret itself only its SHA-256 is kept."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="invites")
    secret_hash = models.CharField(max_length=SHA256_LENGTH, unique=True)
    role = models.CharField(max_length=12, choices=RoomRole, default=RoomRole.PARTICIPANT)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    objects = GuestInviteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=GUEST_ROLES), name="guest_invite_is_for_guests"),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def is_open(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()


class LobbyTicketQuerySet(models.QuerySet["LobbyTicket"]):
    def alive(self) -> Self:
        return self.filter(created_at__gt=timezone.now() - TICKET_LIFE)

    def waiting(self) -> Self:
        return self.alive().filter(is_admitted=None)


class LobbyTicket(models.Model):
    """Somebody who asked to be let into a private room: a user, or a guest with an invitation."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="tickets")
    secret_hash = models.CharField(max_length=SHA256_LENGTH, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    invite = models.ForeignKey(GuestInvite, on_delete=models.CASCADE, null=True, related_name="+")
    person = models.CharField(max_length=PERSON_LENGTH)
    name = models.CharField(max_length=PERSON_NAME_LENGTH)
    created_at = models.DateTimeField(auto_now_add=True)
    # Null while nobody has decided.
    is_admitted = models.BooleanField(null=True)

    objects = LobbyTicketQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "user"], name="lobby_ticket_once"),
            models.CheckConstraint(
                condition=Q(user=None, invite__isnull=False) | Q(user__isnull=False, invite=None),
                name="lobby_ticket_is_of_user_or_guest",
            ),
        ]
        indexes = [models.Index(fields=["room", "-id"], condition=Q(is_admitted=None), name="lobby_waiting")]

    def __str__(self) -> str:
        return self.id


class RoomFile(models.Model):
    """A file that somebody put into a room; its names are sealed with the room's data key."""

    id = models.CharField(primary_key=True, max_length=ID_LENGTH, default=new_id, editable=False)
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="files")
    # As it is called in the room, and as who sent it called it; the two differ where the name was taken.
    name = models.BinaryField()
    original_name = models.BinaryField()
    # An HMAC of the name, with a key of the room's own, to find it by.
    name_token = models.CharField(max_length=SHA256_LENGTH)
    size = models.PositiveBigIntegerField(help_text="bytes")
    content_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=SHA256_LENGTH)
    uploaded_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "name_token"], name="room_file_name_once")]

    def __str__(self) -> str:
        return self.id

    @property
    def stored_name(self) -> str:
        return f"{DOCUMENTS}/{self.room_id}/{self.pk}"
