"""REST: rooms."""

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import body_of, person_of
from config.lib import pagination
from config.lib.answers import success
from config.lib.schema import answer, body, nothing, refusals
from config.lib.streaming import json_list
from rooms import rules
from rooms.actions import places
from rooms.api import examples
from rooms.api.serializers import (
    OwnRoom,
    RoomChangesSerializer,
    RoomFields,
    RoomSerializer,
    own_room,
    room_fields,
)
from rooms.enums import RoomRole
from rooms.models import Room

CREATED = "Room created Successfully!"


class RoomCreate(APIView):
    """`POST /room/create`."""

    @extend_schema(
        operation_id="createRoom",
        tags=["rooms"],
        summary="Make a room, a place that lasts and where meetings are held",
        request=RoomSerializer,
        examples=[
            body("a room", {"name": "Planning", "type": "conference"}),
            body("a private one", {"name": "Interviews", "type": "meeting", "maxParticipants": 4, "isPrivate": True}),
        ],
        responses={201: answer(RoomFields, examples.ROOM, msg=CREATED), **refusals(403)},
    )
    def post(self, request: Request) -> Response:
        values = body_of(RoomSerializer, request).validated_data
        room = places.create(values=values, by=person_of(request))
        return success(room_fields(room), status=201, msg=CREATED)


class RoomList(APIView):
    """`GET /room/list`."""

    @extend_schema(
        operation_id="listRooms",
        tags=["rooms"],
        summary="The rooms that the caller owns or belongs to, newest first",
        parameters=pagination.PARAMETERS,
        responses={200: answer(list[OwnRoom], [examples.OWN_ROOM]), **refusals()},
    )
    def get(self, request: Request) -> HttpResponseBase:
        user = person_of(request)
        rows, links = pagination.page(Room.objects.of(user).with_role_of(user), request)
        rooms = (own_room(room, room.role or "") for room in rows)
        return json_list(request, rooms, before=b'{"success":true,"data":[', after=b"]}", headers=links)


class RoomDetail(APIView):
    """`GET`, `PATCH` and `DELETE /room/:roomId`."""

    @extend_schema(
        operation_id="getRoom",
        tags=["rooms"],
        summary="A room that the caller belongs to",
        responses={200: answer(OwnRoom, examples.OWN_ROOM), **refusals(404)},
    )
    def get(self, request: Request, room_id: str) -> Response:
        user = person_of(request)
        room = rules.room_of(user, room_id)
        return success(own_room(room, rules.role_of(user, room) or ""))

    @extend_schema(
        operation_id="updateRoom",
        tags=["rooms"],
        summary="Change a room of one's own",
        request=RoomChangesSerializer,
        examples=[body("who may come", {"isPrivate": True, "maxParticipants": None})],
        responses={200: answer(OwnRoom, examples.OWN_ROOM), **refusals(403, 404)},
    )
    def patch(self, request: Request, room_id: str) -> Response:
        user = person_of(request)
        room = rules.room_of(user, room_id, among=rules.OWNER)
        values = body_of(RoomChangesSerializer, request).validated_data
        return success(own_room(places.update(room=room, values=values, by=user), RoomRole.HOST))

    @extend_schema(
        operation_id="deleteRoom",
        tags=["rooms"],
        summary="Delete a room of one's own with its files; meetings that were held there stay",
        responses={204: nothing(), **refusals(403, 404)},
    )
    def delete(self, request: Request, room_id: str) -> Response:
        user = person_of(request)
        places.delete(room=rules.room_of(user, room_id, among=rules.OWNER), by=user)
        return Response(status=204)
