"""REST: transcripts and notes."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.clients import client_of
from config.lib.answers import refusal
from meetings import actions
from meetings.models import Meeting
from transcripts import reading
from transcripts.api.serializers import line_fields
from transcripts.exceptions import UnknownFormat


class Transcript(APIView):
    """`GET /view-transcript/:meetingId`: every line in spoken order, decrypted."""

    def get(self, request: Request, meeting_id: str) -> Response:
        meeting = _open(request, meeting_id, "transcript")
        return Response({"data": [line_fields(meeting.pk, line) for line in reading.lines_of(meeting.pk)]})


class Summary(APIView):
    """`GET /meeting/:meetingId/summary`: the notes, and what every sentence of them rests on."""

    def get(self, request: Request, meeting_id: str) -> Response:
        meeting = _open(request, meeting_id, "summary")
        written = reading.notes_of(meeting)
        if written is None:
            state, percent = reading.notes_state(meeting)
            body = refusal("There are no notes of this meeting yet.", "no_summary")
            return Response({**body, "state": state, "progress": percent}, status=404)
        return Response({"summary": written["notes"]["summary"], **written, "state": "ready"})


def _open(request: Request, meeting_id: str, content: str) -> Meeting:
    form = request.query_params.get("format", "json")
    if form != "json":
        raise UnknownFormat(form, ["json"])
    return actions.open_meeting(
        meeting_id=meeting_id, content=content, by=request.user, address=client_of(request).address
    )
