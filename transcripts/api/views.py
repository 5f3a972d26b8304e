"""REST: transcripts and notes."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import limits
from accounts.api.requests import body_of, person_of, query_of
from accounts.api.throttling import rated
from accounts.clients import client_of
from config.lib.answers import refusal, success
from config.lib.schema import ID, MOMENT, answer, body, refusals
from config.lib.streaming import json_list
from config.lib.work import WorkState
from meetings.enums import Right
from meetings.exceptions import InvalidMeeting
from meetings.models import Meeting
from meetings.reading import open_meeting
from transcripts import actions, documents, exports, reading
from transcripts.actions import SentLine
from transcripts.api import examples
from transcripts.api.serializers import (
    LineFields,
    LineSerializer,
    ProgressFields,
    SendBatchSerializer,
    SendSerializer,
    StoredLineFields,
    SummaryFields,
    TranscriptQuery,
    WriteNotesSerializer,
    line_fields,
    stored_line_fields,
    summary_fields,
)
from transcripts.exceptions import EmptyLine, NotesFailed

# A batch counts as one call, and one more for every so many lines: ten thousand lines a minute may come, not 600 times
# what a batch holds.
LINES_A_CALL = 20
SINCE = OpenApiParameter(
    "since",
    {"anyOf": [ID, MOMENT]},
    description="Only lines that were stored after the line of this id, or after this time.",
)
ENCRYPTION = (
    "The message is text, or text encrypted as the Meet API does. `isEncrypted` says which; without it canonical "
    "base64 of at least 96 bytes is ciphertext. What cannot be decrypted is refused as `undecryptable`."
)


def _format(forms: Sequence[str]) -> OpenApiParameter:
    return OpenApiParameter("format", {"type": "string", "enum": [*forms, ""], "default": "json"})


def _file(example: str, kind: str) -> OpenApiResponse:
    return OpenApiResponse(OpenApiTypes.STR, examples=[OpenApiExample("file", value=example, media_type=kind)])


class Send(APIView):
    """`POST /send-transcript`: the caller said something."""

    throttle_classes = rated("RATE_TRANSCRIPT")

    @extend_schema(
        operation_id="sendTranscript",
        tags=["transcripts"],
        summary="Add a line to a transcript",
        description=f"{ENCRYPTION} A `clientId` makes it safe to send a line again.",
        request=SendSerializer,
        examples=[body("a text", examples.SEND), body("with its times", examples.SEND_TIMED)],
        responses={201: answer(StoredLineFields, examples.STORED), **refusals(403, 404, 409, 410)},
    )
    def post(self, request: Request) -> Response:
        sent = dict(body_of(SendSerializer, request).validated_data)
        stored = _send(request, sent.pop("meeting_id"), [SentLine(**sent)])
        return success(stored[0], status=status.HTTP_201_CREATED)


class SendBatch(APIView):
    """`POST /send-transcript/batch`: several lines of the caller's, all kept or none."""

    throttle_classes = rated("RATE_TRANSCRIPT")

    @extend_schema(
        operation_id="sendTranscriptBatch",
        tags=["transcripts"],
        summary="Add up to 500 lines to a transcript, all or none",
        description=f"{ENCRYPTION} The answer has the lines in the order in which they were sent. Against the limit a "
        f"batch counts as one call, and one more for every {LINES_A_CALL} lines.",
        request=SendBatchSerializer,
        examples=[body("two lines", examples.SEND_BATCH)],
        responses={201: answer(list[StoredLineFields], [examples.STORED]), **refusals(403, 404, 409, 410)},
    )
    def post(self, request: Request) -> Response:
        sent = body_of(SendBatchSerializer, request).validated_data
        lines = [SentLine(**line) for line in sent["lines"]]
        calls = len(lines) // LINES_A_CALL
        limits.check("RATE_TRANSCRIPT", by=person_of(request), address=client_of(request).address, calls=calls)
        stored = _send(request, sent["meeting_id"], lines)
        return success(stored, status=status.HTTP_201_CREATED)


class Transcript(APIView):
    """`GET /view-transcript/:meetingId`: every line in spoken order, decrypted."""

    @extend_schema(
        operation_id="viewTranscript",
        tags=["transcripts"],
        summary="The transcript of a meeting, in spoken order",
        description="JSON for who may view the meeting, other forms for who may export it.",
        parameters=[
            _format(documents.TRANSCRIPT.written),
            SINCE,
        ],
        responses={
            (200, "application/json"): answer({"data": list[LineFields]}, {"data": [examples.READ]}, wrapped=False),
            (200, "text/plain"): _file(examples.TEXT, "text/plain"),
            **refusals(403, 404, 410, 501),
        },
    )
    def get(self, request: Request, meeting_id: str) -> HttpResponseBase:
        form = request.query_params.get("format") or "json"
        documents.TRANSCRIPT.check(form)
        since = query_of(TranscriptQuery, request).validated_data.get("since")
        meeting = _open(request, meeting_id, "transcript", form)
        if form != "json":
            return HttpResponse(documents.transcript(meeting, form), content_type=documents.CONTENT_TYPES[form])
        among = reading.stored_after(meeting.pk, since) if since else None
        lines = (line_fields(meeting.pk, line) for line in reading.lines_of(meeting.pk, among))
        return json_list(request, lines, before=b'{"data":[', after=b"]}")


class WriteNotes(APIView):
    """`POST /transcription/generate-summary/:meetingId`: notes are written, anew where there are some."""

    throttle_classes = rated(POST="RATE_SUMMARY")

    @extend_schema(
        operation_id="generateSummary",
        tags=["transcripts"],
        summary="Write the notes of a meeting, or write them anew",
        description="Waits for the notes unless told `Prefer: respond-async`; 202 says that they are on their way.",
        parameters=[
            OpenApiParameter("Prefer", str, location="header", description="`respond-async` waits for nothing.")
        ],
        request=WriteNotesSerializer,
        examples=[body("hints", examples.WRITE_NOTES)],
        responses={
            200: answer(SummaryFields, examples.SUMMARY, message="Summary generated successfully"),
            202: answer(ProgressFields, examples.PROGRESS),
            **refusals(403, 404, 410, 503),
        },
    )
    def post(self, request: Request, meeting_id: str) -> Response:
        body_of(WriteNotesSerializer, request)
        meeting = actions.request_notes(meeting_id=meeting_id, by=person_of(request))
        is_waiting = "respond-async" not in request.headers.get("Prefer", "").lower()
        state = reading.wait_for_notes(meeting, settings.SUMMARY_WAIT_S if is_waiting else 0)
        if state == WorkState.PARKED:
            raise NotesFailed
        written = reading.notes_of(meeting) if state == WorkState.DONE else None
        if written is None:
            return success(_progress(meeting), status=status.HTTP_202_ACCEPTED)
        return success(summary_fields(written), message="Summary generated successfully")


class Summary(APIView):
    """`GET /meeting/:meetingId/summary`: the notes, and what every sentence of them rests on."""

    @extend_schema(
        operation_id="getSummary",
        tags=["transcripts"],
        summary="The notes of a meeting",
        description=(
            "JSON for who may view the meeting, other forms for who may export it. While there are none, 404 says with "
            "`state` and `progress` whether they are to come."
        ),
        parameters=[_format(documents.NOTES.written)],
        responses={
            (200, "application/json"): answer(SummaryFields, examples.SUMMARY, wrapped=False),
            (200, "text/markdown"): _file(examples.MARKDOWN, "text/markdown"),
            **refusals(403, 404, 410, 501),
        },
    )
    def get(self, request: Request, meeting_id: str) -> HttpResponseBase:
        form = request.query_params.get("format") or "json"
        documents.NOTES.check(form)
        meeting = _open(request, meeting_id, "summary", form)
        written = reading.notes_of(meeting)
        if written is None:
            none = refusal("There are no notes of this meeting yet.", "no_summary")
            return Response({**none, **_progress(meeting)}, status=status.HTTP_404_NOT_FOUND)
        if form == "md":
            return HttpResponse(exports.as_md(written["notes"]), content_type=documents.CONTENT_TYPES[form])
        return Response(summary_fields(written))


def _send(request: Request, meeting_id: str, lines: list[SentLine]) -> list[StoredLineFields]:
    address = client_of(request).address
    with LineSerializer().renaming(EmptyLine, InvalidMeeting):
        stored = actions.send_lines(meeting_id=meeting_id, lines=lines, by=person_of(request), address=address)
    return [stored_line_fields(line) for line in stored]


def _open(request: Request, meeting_id: str, content: str, form: str) -> Meeting:
    """Open the meeting for reading, or for taking a file of it away."""
    act, right = ("GET", Right.VIEW) if form == "json" else ("EXPORT", Right.EXPORT)
    named = content if form == "json" else f"{content}.{form}"
    return open_meeting(meeting_id=meeting_id, content=named, by=person_of(request), act=act, right=right)


def _progress(meeting: Meeting) -> ProgressFields:
    state, percent = reading.notes_state(meeting)
    return {"state": state, "progress": percent}
