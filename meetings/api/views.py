"""REST: meetings."""

from collections.abc import Mapping
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import body_of, person_of, text_of
from accounts.models import User
from config.lib import pagination
from config.lib.answers import success
from config.lib.errors import NotAllowed
from config.lib.schema import MOMENT, TEXT, answer, body, nothing, refusals
from config.lib.streaming import json_list
from config.lib.times import parse_moment
from meetings import actions, rules
from meetings.api import listing
from meetings.api.serializers import (
    DETAIL_EXAMPLE,
    MEETING_EXAMPLE,
    MeetingChangesSerializer,
    MeetingDetail,
    MeetingFields,
    NewMeetingSerializer,
    meeting_detail,
)
from rooms import rules as rooms_rules
from rooms.models import Room

PLAN_EXAMPLE = {
    "startsAt": "2025-10-16T07:00:00.000Z",
    "duration": 45,
    "timeZone": "Europe/Madrid",
    "invited": ["anna@example.com"],
}


class MeetingList(APIView):
    """`GET /meetings/list/:userId`: the meetings that the user hosts, newest first."""

    @extend_schema(
        operation_id="listMeetings",
        tags=["meetings"],
        summary="The meetings that a user hosts, newest first",
        parameters=[
            OpenApiParameter("from", MOMENT, description="Made at this time or later."),
            OpenApiParameter("to", MOMENT, description="Made at this time or earlier."),
            OpenApiParameter("q", TEXT, description="Words in the title."),
            *pagination.PARAMETERS,
        ],
        responses={
            200: answer({"data": list[MeetingFields]}, {"data": [MEETING_EXAMPLE]}, wrapped=False),
            **refusals(403),
        },
    )
    def get(self, request: Request, user_id: str) -> HttpResponseBase:
        user = person_of(request)
        if user_id != user.pk:
            raise NotAllowed("You can list your own meetings only.")
        wanted = pagination.asked(request)
        found = listing.hosted(
            user,
            wanted,
            title=text_of(request, "q"),
            since=parse_moment(request.query_params.get("from", ""), "from"),
            until=parse_moment(request.query_params.get("to", ""), "to"),
        )
        rows, links = wanted.cut(found, request) if isinstance(found, list) else (found, {})
        return json_list(request, map(listing.fields, rows), before=b'{"data":[', after=b"]}", headers=links)


class MeetingCreate(APIView):
    """`POST /meetings/create`."""

    @extend_schema(
        operation_id="createMeeting",
        tags=["meetings"],
        summary="Make a meeting that is to come, and invite people to it",
        description="Time and room may be given later. Each of the invited gets a mail with a link.",
        request=NewMeetingSerializer,
        examples=[
            body(
                "a meeting",
                {"title": "Weekly planning", "hostId": "68de7a9d8f40ff41c940c7fb", "transcriptEnabled": True},
            ),
            body(
                "a planned meeting",
                {
                    "title": "Weekly planning",
                    "hostId": "68de7a9d8f40ff41c940c7fb",
                    "transcriptEnabled": True,
                    "roomId": "68aff60da51d6c83a24245a2",
                    **PLAN_EXAMPLE,
                },
            ),
        ],
        responses={
            201: answer(MeetingDetail, DETAIL_EXAMPLE, message="Meeting created successfully"),
            **refusals(403, 404),
        },
    )
    def post(self, request: Request) -> Response:
        user = person_of(request)
        values = body_of(NewMeetingSerializer, request).validated_data
        if values["host_id"] != user.pk:
            raise NotAllowed("You can make meetings of your own only: hostId must be your id.")
        meeting = actions.create(
            title=values["title"],
            host=user,
            transcript_enabled=values["transcript_enabled"],
            by=user,
            room=_room(user, values),
            plan=_among(actions.Plan, values),
            invited=values.get("invited", ()),
        )
        return success(meeting_detail(meeting, user), status=201, message="Meeting created successfully")


class MeetingUpdate(APIView):
    """`POST /meetings/update/:meetingId`."""

    @extend_schema(
        operation_id="updateMeeting",
        tags=["meetings"],
        summary="Change a meeting, or note a recording of it",
        description="Whoever is invited gets a mail when the title, the time or the place changes. A meeting that runs "
        "stays in its room.",
        request=MeetingChangesSerializer,
        examples=[
            body(
                "as a client of the Meet API does",
                {
                    "title": "Test Meeting",
                    "transcriptEnabled": False,
                    "summaryGenerated": False,
                    "roomId": "68aff60da51d6c83a24245a2",
                    "recordingId": "1737978989992_59591",
                },
            ),
            body("another time", PLAN_EXAMPLE),
        ],
        responses={204: nothing(), **refusals(403, 404, 409)},
    )
    def post(self, request: Request, meeting_id: str) -> Response:
        user = person_of(request)
        meeting = rules.managed(user, meeting_id)
        values = body_of(MeetingChangesSerializer, request).validated_data
        if values.get("user_id", user.pk) != user.pk:
            raise NotAllowed("You can change meetings in your own name only: userId must be your id.")
        changes = _among(actions.Changes, values)
        if "room_id" in values:
            changes["room"] = _room(user, values)
        actions.update(
            meeting=meeting,
            changes=changes,
            by=user,
            recording_id=values.get("recording_id"),
            invited=values.get("invited"),
        )
        return Response(status=204)


class OneMeeting(APIView):
    """`GET` and `DELETE /meetings/:meetingId`."""

    @extend_schema(
        operation_id="getMeeting",
        tags=["meetings"],
        summary="One meeting, and what the caller may do with it",
        responses={
            200: answer(MeetingDetail, DETAIL_EXAMPLE, message="Meeting retrieved successfully"),
            **refusals(403, 404),
        },
    )
    def get(self, request: Request, meeting_id: str) -> Response:
        user = person_of(request)
        meeting = rules.known(user, meeting_id)
        return success(meeting_detail(meeting, user), message="Meeting retrieved successfully")

    @extend_schema(
        operation_id="deleteMeeting",
        tags=["meetings"],
        summary="Delete a meeting with everything that was said in it",
        description="This cannot be undone. If the meeting was to come, the invited are told that it is off.",
        responses={204: nothing(), **refusals(403, 404)},
    )
    def delete(self, request: Request, meeting_id: str) -> Response:
        user = person_of(request)
        meeting = rules.deletable(user, meeting_id)
        actions.delete(meeting=meeting, by=user)
        return Response(status=204)


class MeetingEnd(APIView):
    """`POST /meetings/:meetingId/end`."""

    @extend_schema(
        operation_id="endMeeting",
        tags=["meetings"],
        summary="End a meeting; one that has ended stays as it is",
        request=None,
        responses={204: nothing(), **refusals(403, 404)},
    )
    def post(self, request: Request, meeting_id: str) -> Response:
        user = person_of(request)
        meeting = rules.managed(user, meeting_id)
        actions.end(meeting=meeting, by=user)
        return Response(status=204)


def _room(user: User, values: Mapping[str, Any]) -> Room | None:
    """Give the room of a body, in which the caller may hold a meeting."""
    room_id = values.get("room_id")
    return rooms_rules.room_of(user, room_id, among=rooms_rules.HOSTS) if room_id else None


def _among(kind: Any, values: Mapping[str, Any]) -> Any:
    """Pick what a typed dictionary of the actions takes."""
    return {name: values[name] for name in kind.__annotations__ if name in values}
