"""REST: who belongs to a room, who is invited, and who waits before its door."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import body_of, person_of
from config.lib import pagination
from config.lib.answers import success
from config.lib.fields import parsed
from config.lib.schema import answer, body, nothing, refusals
from rooms import rules
from rooms.actions import invites, joining, members
from rooms.api import examples
from rooms.api.serializers import (
    APPOINTMENTS_BODY,
    MAX_APPOINTMENTS,
    AppointmentSerializer,
    Decision,
    DecisionSerializer,
    Invite,
    InviteSerializer,
    Members,
    NewInvite,
    Waiter,
    appointments,
    invite_fields,
    member_list,
    new_invite,
    waiter,
)
from rooms.enums import RoomRole
from rooms.exceptions import InvalidExpiry
from rooms.models import Room, RoomMember


class RoomMembers(APIView):
    """`GET` and `PUT /room/:roomId/members`."""

    @extend_schema(
        operation_id="listRoomMembers",
        tags=["rooms"],
        summary="Who belongs to a room, newest first",
        parameters=pagination.PARAMETERS,
        responses={200: answer(Members, examples.MEMBERS), **refusals(404)},
    )
    def get(self, request: Request, room_id: str) -> Response:
        return self._answer(request, rules.room_of(person_of(request), room_id))

    @extend_schema(
        operation_id="putRoomMembers",
        tags=["rooms"],
        summary="Make people members of a room, or give members another role",
        description="Whoever is not named keeps what they have. Roles below one's own can be given, to people who have "
        "none or one below one's own: co-hosts are appointed by the owner.",
        request={"application/json": APPOINTMENTS_BODY},
        examples=[
            body(
                "two people",
                [{"email": "ben@example.com", "role": "cohost"}, {"userId": examples.USER_ID, "role": "presenter"}],
            )
        ],
        parameters=pagination.PARAMETERS,
        responses={200: answer(Members, examples.MEMBERS), **refusals(403, 404)},
    )
    def put(self, request: Request, room_id: str) -> Response:
        user = person_of(request)
        room = rules.room_of(user, room_id, among=rules.HOSTS)
        options = {"many": True, "allow_empty": False, "max_length": MAX_APPOINTMENTS}
        rows = parsed(AppointmentSerializer, request.data, **options).validated_data
        members.appoint(room=room, appointments=appointments(rows), by=user)
        return self._answer(request, room)

    def _answer(self, request: Request, room: Room) -> Response:
        rows: QuerySet[RoomMember] = room.members.select_related("user")
        page, links = pagination.page(rows, request, default=pagination.DEFAULT_LIMIT)
        return success(member_list(room.owner, page), headers=links)


class RoomMemberDetail(APIView):
    """`DELETE /room/:roomId/members/:userId`."""

    @extend_schema(
        operation_id="deleteRoomMember",
        tags=["rooms"],
        summary="Dismiss a member, or leave the room for good",
        responses={204: nothing(), **refusals(403, 404)},
    )
    def delete(self, request: Request, room_id: str, user_id: str) -> Response:
        user = person_of(request)
        members.remove(room=rules.room_of(user, room_id), user_id=user_id, by=user)
        return Response(status=204)


class RoomInvites(APIView):
    """`GET` and `POST /room/:roomId/invites`."""

    @extend_schema(
        operation_id="listRoomInvites",
        tags=["rooms"],
        summary="The invitations of guests to a room, newest first, without their secrets",
        parameters=pagination.PARAMETERS,
        responses={200: answer(list[Invite], [examples.INVITE]), **refusals(403, 404)},
    )
    def get(self, request: Request, room_id: str) -> Response:
        room = rules.room_of(person_of(request), room_id, among=rules.HOSTS)
        page, links = pagination.page(room.invites.all(), request, default=pagination.DEFAULT_LIMIT)
        return success([invite_fields(invite) for invite in page], headers=links)

    @extend_schema(
        operation_id="createRoomInvite",
        tags=["rooms"],
        summary="Invite guests who have no account; the secret is shown this once",
        description="An invitation ends after a week, or at `expiresAt`, within a year.",
        request=InviteSerializer,
        examples=[body("who may speak", {}), body("an audience", {"role": "viewer", "expiresAt": examples.MOMENT})],
        responses={201: answer(NewInvite, examples.NEW_INVITE), **refusals(403, 404)},
    )
    def post(self, request: Request, room_id: str) -> Response:
        user = person_of(request)
        room = rules.room_of(user, room_id, among=rules.HOSTS)
        asked = body_of(InviteSerializer, request)
        role, expires_at = RoomRole(asked.validated_data["role"]), asked.validated_data.get("expires_at")
        with asked.renaming(InvalidExpiry):
            made, secret = invites.invite(room=room, role=role, expires_at=expires_at, by=user)
        return success(new_invite(made, secret), status=201)


class RoomInviteDetail(APIView):
    """`DELETE /room/:roomId/invites/:inviteId`."""

    @extend_schema(
        operation_id="deleteRoomInvite",
        tags=["rooms"],
        summary="Take an invitation back",
        responses={204: nothing(), **refusals(403, 404)},
    )
    def delete(self, request: Request, room_id: str, invite_id: str) -> Response:
        user = person_of(request)
        room = rules.room_of(user, room_id, among=rules.HOSTS)
        invites.revoke(room=room, invite_id=invite_id, by=user)
        return Response(status=204)


class RoomLobby(APIView):
    """`GET /room/:roomId/lobby`."""

    @extend_schema(
        operation_id="listRoomLobby",
        tags=["rooms"],
        summary="Who waits before the door of a private room, newest first",
        parameters=pagination.PARAMETERS,
        responses={200: answer(list[Waiter], [examples.WAITER]), **refusals(403, 404)},
    )
    def get(self, request: Request, room_id: str) -> Response:
        room = rules.room_of(person_of(request), room_id, among=rules.HOSTS)
        page, links = pagination.page(room.tickets.waiting(), request, default=pagination.DEFAULT_LIMIT)
        return success([waiter(ticket) for ticket in page], headers=links)


class RoomLobbyTicket(APIView):
    """`POST /room/:roomId/lobby/:ticketId`."""

    @extend_schema(
        operation_id="decideRoomLobby",
        tags=["rooms"],
        summary="Let somebody into a private room, or refuse them",
        request=DecisionSerializer,
        examples=[body("come in", {"admit": True})],
        responses={200: answer(Decision, examples.DECISION), **refusals(403, 404)},
    )
    def post(self, request: Request, room_id: str, ticket_id: str) -> Response:
        user = person_of(request)
        room = rules.room_of(user, room_id, among=rules.HOSTS)
        admit = body_of(DecisionSerializer, request).validated_data["admit"]
        ticket = joining.decide(room=room, ticket_id=ticket_id, admit=admit, by=user)
        return success({"ticketId": ticket.pk, "admitted": admit})
