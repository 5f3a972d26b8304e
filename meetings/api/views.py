"""REST: meetings."""

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.api.requests import person_of
from config.lib import pagination
from config.lib.errors import NotAllowed
from config.lib.schema import answer, refusals
from config.lib.streaming import json_list
from config.lib.times import parse_moment
from meetings.api.serializers import MEETING_EXAMPLE, MeetingFields, meeting_fields
from meetings.models import Meeting


class MeetingList(APIView):
    """`GET /meetings/list/:userId`: the meetings that the user hosts, newest first."""

    @extend_schema(
        operation_id="listMeetings",
        tags=["meetings"],
        summary="The meetings that a user hosts, newest first",
        parameters=[
            OpenApiParameter("from", {"type": "string"}, description="Made at this time or later."),
            OpenApiParameter("to", {"type": "string"}, description="Made at this time or earlier."),
            OpenApiParameter("q", {"type": "string"}, description="Words in the title."),
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
        wanted = Meeting.objects.hosted_by(user).with_participants_count()
        wanted = wanted.matching(
            title=request.query_params.get("q", ""),
            since=parse_moment(request.query_params.get("from", ""), "from"),
            until=parse_moment(request.query_params.get("to", ""), "to"),
        )
        rows, links = pagination.page(wanted, request)
        meetings = rows if isinstance(rows, list) else rows.iterator(chunk_size=500)
        return json_list(request, map(meeting_fields, meetings), before=b'{"data":[', after=b"]}", headers=links)
