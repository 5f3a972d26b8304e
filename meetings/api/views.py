"""REST: meetings."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.lib.errors import NotAllowed
from config.lib.times import parse_moment
from meetings.api.serializers import meeting_fields
from meetings.models import Meeting


class MeetingList(APIView):
    """`GET /meetings/list/:userId`: the meetings that the user hosts, newest first."""

    def get(self, request: Request, user_id: str) -> Response:
        if user_id != request.user.pk:
            raise NotAllowed("You can list your own meetings only.")
        wanted = Meeting.objects.hosted_by(request.user).with_participants_count().order_by("-created_at", "-pk")
        wanted = wanted.matching(
            title=request.query_params.get("q", ""),
            since=parse_moment(request.query_params.get("from", ""), "from"),
            until=parse_moment(request.query_params.get("to", ""), "to"),
        )
        return Response({"data": [meeting_fields(meeting) for meeting in wanted]})
