"""Rooms, their people and their files on the wire."""

from typing import Any, TypedDict

from django.conf import settings
from django.core.validators import RegexValidator
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.models import EMAIL_LENGTH, User
from config.lib.fields import ID_PATTERN, BoolField, IdField, IntField, MomentField, TextField, WireSerializer
from config.lib.times import iso
from rooms.actions.joining import Admission
from rooms.actions.members import Appointment
from rooms.enums import GUEST_ROLES, RoomRole, RoomType, roles_below
from rooms.links import join_url
from rooms.models import NAME_LENGTH, PERSON_NAME_LENGTH, GuestInvite, LobbyTicket, Room, RoomMember
from rooms.names import NAME_PATTERN
from rooms.reading import NamedFile

# More than any secret of ours has.
SECRET_LENGTH = 64
# As many people are appointed by one call.
MAX_APPOINTMENTS = 100
APPOINTED = roles_below(RoomRole.HOST)


class NameField(TextField):
    def __init__(self, **options: Any) -> None:
        check = RegexValidator(NAME_PATTERN, "This field needs a letter that can be shown.")
        super().__init__(trim_whitespace=False, validators=[check], **options)


class RoomSerializer(WireSerializer):
    name = NameField(max_length=NAME_LENGTH)
    type = serializers.ChoiceField(choices=RoomType.choices)
    maxParticipants = IntField(source="max_participants", min_value=1, required=False, allow_null=True)
    isPrivate = BoolField(source="is_private", required=False)


class RoomChangesSerializer(RoomSerializer):
    name = NameField(max_length=NAME_LENGTH, required=False)
    type = serializers.ChoiceField(choices=RoomType.choices, required=False)


class AppointmentSerializer(WireSerializer):
    userId = IdField(required=False)
    email = serializers.EmailField(max_length=EMAIL_LENGTH, required=False)
    role = serializers.ChoiceField(choices=APPOINTED)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs.keys() & {"userId", "email"}) != 1:
            raise ValidationError("Name the account either by `userId` or by `email`.")
        return attrs


class InviteSerializer(WireSerializer):
    role = serializers.ChoiceField(choices=GUEST_ROLES, default=RoomRole.PARTICIPANT)
    expiresAt = MomentField(source="expires_at", required=False)


class DecisionSerializer(WireSerializer):
    admit = BoolField()


class EntrySerializer(WireSerializer):
    role = serializers.ChoiceField(choices=RoomRole.choices, required=False)
    userName = NameField(source="name", max_length=PERSON_NAME_LENGTH, required=False)
    invite = TextField(max_length=SECRET_LENGTH, required=False)
    ticket = TextField(max_length=SECRET_LENGTH, required=False)


# What `AppointmentSerializer` takes: one of the two names of an account, never both.
APPOINTMENTS_BODY = {
    "type": "array",
    "minItems": 1,
    "maxItems": MAX_APPOINTMENTS,
    "items": {
        "type": "object",
        "properties": {
            "userId": {"type": "string", "pattern": ID_PATTERN},
            "email": {"type": "string", "format": "email", "maxLength": EMAIL_LENGTH},
            "role": {"type": "string", "enum": [role.value for role in APPOINTED]},
        },
        "required": ["role"],
        "oneOf": [{"required": ["userId"]}, {"required": ["email"]}],
    },
}


class RoomFields(TypedDict):
    id: str
    name: str
    type: str
    p2p: bool
    maxParticipants: int | None
    isPrivate: bool
    joinUrl: str


class OwnRoom(RoomFields):
    """A room as somebody sees it who belongs to it."""

    ownerId: str
    role: str
    createdAt: str


class Owner(TypedDict):
    userId: str
    name: str


class Member(TypedDict):
    userId: str
    name: str
    role: str
    since: str


class Members(TypedDict):
    owner: Owner
    members: list[Member]


class Invite(TypedDict):
    id: str
    role: str
    createdAt: str
    expiresAt: str
    revokedAt: str | None


class NewInvite(Invite):
    """An invitation with its secret, which is shown this once."""

    invite: str
    joinUrl: str


class Waiter(TypedDict):
    ticketId: str
    name: str
    userId: str | None
    askedAt: str


class Decision(TypedDict):
    ticketId: str
    admitted: bool


class RoomEntry(TypedDict):
    token: str
    expiresAt: str
    role: str
    wsUrl: str
    socketIoPath: str
    iceServers: list[str]
    features: list[str]


class Lobby(TypedDict):
    lobby: bool
    ticket: str


class UploadedFile(TypedDict):
    originalName: str
    filename: str
    size: int
    roomId: str
    path: str


class FileFields(TypedDict):
    filename: str
    originalName: str
    size: int
    uploadDate: str
    path: str
    contentType: str
    sha256: str
    uploadedBy: str | None


class Deleted(TypedDict):
    deleted: int


def appointments(rows: list[dict[str, Any]]) -> list[Appointment]:
    return [Appointment(RoomRole(row["role"]), row.get("userId") or row["email"]) for row in rows]


def room_fields(room: Room) -> RoomFields:
    return {
        "id": room.pk,
        "name": room.name,
        "type": room.type,
        "p2p": room.is_mesh,
        "maxParticipants": room.max_participants,
        "isPrivate": room.is_private,
        "joinUrl": join_url(room.pk),
    }


def own_room(room: Room, role: str) -> OwnRoom:
    return {
        **room_fields(room),
        "ownerId": room.owner_id,
        "role": role,
        "createdAt": iso(room.created_at) or "",
    }


def member_list(owner: User, members: list[RoomMember]) -> Members:
    return {
        "owner": {"userId": owner.pk, "name": owner.full_name},
        "members": [
            {
                "userId": member.user_id,
                "name": member.user.full_name,
                "role": member.role,
                "since": iso(member.created_at) or "",
            }
            for member in members
        ],
    }


def invite_fields(invite: GuestInvite) -> Invite:
    return {
        "id": invite.pk,
        "role": invite.role,
        "createdAt": iso(invite.created_at) or "",
        "expiresAt": iso(invite.expires_at) or "",
        "revokedAt": iso(invite.revoked_at),
    }


def new_invite(invite: GuestInvite, secret: str) -> NewInvite:
    return {**invite_fields(invite), "invite": secret, "joinUrl": join_url(invite.room_id, invite=secret)}


def waiter(ticket: LobbyTicket) -> Waiter:
    return {
        "ticketId": ticket.pk,
        "name": ticket.name,
        "userId": ticket.user_id,
        "askedAt": iso(ticket.created_at) or "",
    }


def room_entry(admission: Admission) -> RoomEntry:
    address = settings.PUBLIC_URL.replace("http", "ws", 1)
    return {
        "token": admission.token,
        "expiresAt": iso(admission.expires_at) or "",
        "role": admission.role,
        "wsUrl": f"{address}/ws/room/{admission.room.pk}",
        "socketIoPath": "/erizocontroller/socket.io",
        "iceServers": [],
        "features": admission.room.owner.features,
    }


def uploaded_file(file: NamedFile) -> UploadedFile:
    return {
        "originalName": file.original_name,
        "filename": file.filename,
        "size": file.row.size,
        "roomId": file.row.room_id,
        "path": file.path,
    }


def file_fields(file: NamedFile) -> FileFields:
    return {
        "filename": file.filename,
        "originalName": file.original_name,
        "size": file.row.size,
        "uploadDate": iso(file.row.created_at) or "",
        "path": file.path,
        "contentType": file.row.content_type,
        "sha256": file.row.sha256,
        "uploadedBy": file.row.uploaded_by_id,
    }
