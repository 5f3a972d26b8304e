"""REST: what is being recorded, and what was."""

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import body_of, person_of, query_of
from config.lib import pagination
from config.lib.answers import success
from config.lib.schema import ID, MOMENT, answer, body, nothing, refusals
from config.lib.streaming import json_list
from config.lib.times import parse_moment
from meetings.exceptions import InvalidMeeting
from recordings import actions, rules
from recordings.api.serializers import (
    RECORDING_EXAMPLE,
    START_EXAMPLE,
    STOP_EXAMPLE,
    ListQuery,
    RecordingFields,
    StartSerializer,
    StopSerializer,
    recording_fields,
)
from recordings.enums import RecordingState
from recordings.exceptions import EndsBeforeItStarts
from recordings.models import Recording

# An empty value is no filter.
STATE = {"type": "string", "enum": [*RecordingState.values, ""]}


class Start(APIView):
    """`POST /recording/start`: a stream is recorded from now on."""

    @extend_schema(
        operation_id="startRecording",
        tags=["recordings"],
        summary="Start to record a stream",
        description="A further stream of the same recording is another track. The same facts again answer the same.",
        request=StartSerializer,
        examples=[body("a camera", START_EXAMPLE)],
        responses={201: answer(RecordingFields, RECORDING_EXAMPLE), **refusals(403, 404, 409)},
    )
    def post(self, request: Request) -> Response:
        user, sent = person_of(request), body_of(StartSerializer, request)
        given = {name: value for name, value in sent.validated_data.items() if name not in ("room_id", "status")}
        room = rules.recordable(user, sent.validated_data["room_id"])
        with sent.renaming(InvalidMeeting):
            recording = actions.start_track(room=room, **given, by=user)
        return success(recording_fields(recording), status=status.HTTP_201_CREATED)


class Stop(APIView):
    """`POST /recording/stop`: a stream is recorded no more."""

    @extend_schema(
        operation_id="stopRecording",
        tags=["recordings"],
        summary="Stop to record a stream",
        request=StopSerializer,
        examples=[body("a camera", STOP_EXAMPLE)],
        responses={204: nothing(), **refusals(403, 404)},
    )
    def post(self, request: Request) -> Response:
        user, sent = person_of(request), body_of(StopSerializer, request)
        given = sent.validated_data
        track = rules.stoppable(user, given["recording_id"], given["stream_id"])
        with sent.renaming(EndsBeforeItStarts):
            actions.stop_track(track=track, ended_at=given["ended_at"], by=user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class RecordingList(APIView):
    """`GET /recordings/list`: the recordings of own rooms and of meetings that the caller may view, newest first."""

    @extend_schema(
        operation_id="listRecordings",
        tags=["recordings"],
        summary="The recordings that the caller may view, newest first",
        parameters=[
            OpenApiParameter("roomId", ID, description="Of this room."),
            OpenApiParameter("state", STATE, description="In this state."),
            OpenApiParameter("from", MOMENT, description="Made at this time or later."),
            OpenApiParameter("to", MOMENT, description="Made at this time or earlier."),
            *pagination.PARAMETERS,
        ],
        responses={200: answer(list[RecordingFields], [RECORDING_EXAMPLE], wrapped=False), **refusals(403)},
    )
    def get(self, request: Request) -> HttpResponseBase:
        user = person_of(request)
        rules.check_content(user)
        wanted = Recording.objects.visible_to(user).prefetch_related("tracks__participant")
        wanted = wanted.matching(
            **query_of(ListQuery, request).validated_data,
            since=parse_moment(request.query_params.get("from", ""), "from"),
            until=parse_moment(request.query_params.get("to", ""), "to"),
        )
        rows, links = pagination.page(wanted, request)
        return json_list(request, map(recording_fields, rows), headers=links)
