"""REST: who may have what was said in a meeting, and who lets what they say be kept."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import body_of, person_of
from config.lib.answers import success
from config.lib.fields import parsed
from config.lib.schema import answer, body, refusals
from meetings import access, actions, rules
from meetings.api.serializers import (
    ACCESS_BODY,
    ACCESS_EXAMPLE,
    MAX_ENTRIES,
    AccessEntry,
    AccessFields,
    ConsentFields,
    ConsentSerializer,
    access_fields,
    rights_in,
)
from meetings.enums import Right
from meetings.models import Meeting


class MeetingAccess(APIView):
    """`GET` and `PUT /meetings/:meetingId/access`."""

    @extend_schema(
        operation_id="getMeetingAccess",
        tags=["meetings"],
        summary="Who may have what was said in a meeting, and why each may",
        responses={
            200: answer(list[AccessFields], [ACCESS_EXAMPLE], message="Access retrieved successfully"),
            **refusals(403, 404),
        },
    )
    def get(self, request: Request, meeting_id: str) -> Response:
        meeting = rules.readable(person_of(request), meeting_id, Right.GRANT)
        return success(_access_of(meeting), message="Access retrieved successfully")

    @extend_schema(
        operation_id="putMeetingAccess",
        tags=["meetings"],
        summary="Replace the rights that people were given",
        description="What people have as host, co-host or participant stays; once the meeting is over, no rights for "
        "somebody take what they have as a co-host too. `manage` means all rights. Nobody gives or takes a right that "
        "they have not themselves.",
        request={"application/json": ACCESS_BODY},
        examples=[body("two people", [{"email": "anna@example.com", "rights": ["view"]}])],
        responses={
            200: answer(list[AccessFields], [ACCESS_EXAMPLE], message="Access updated successfully"),
            **refusals(403, 404, 409),
        },
    )
    def put(self, request: Request, meeting_id: str) -> Response:
        user = person_of(request)
        meeting = rules.readable(user, meeting_id, Right.GRANT)
        entries = parsed(AccessEntry, request.data, many=True, max_length=MAX_ENTRIES).validated_data
        gifts = [access.Gift(entry.get("userId") or entry["email"], rights_in(entry["rights"])) for entry in entries]
        access.replace(meeting=meeting, gifts=gifts, by=user)
        return success(_access_of(meeting), message="Access updated successfully")


class MeetingConsent(APIView):
    """`GET` and `PUT /meetings/:meetingId/consent`."""

    @extend_schema(
        operation_id="getConsent",
        tags=["meetings"],
        summary="Whether recording and transcription have what the caller says",
        responses={
            200: answer(ConsentFields, {"take_part": True}, message="Consent retrieved successfully"),
            **refusals(403, 404),
        },
    )
    def get(self, request: Request, meeting_id: str) -> Response:
        user = person_of(request)
        meeting = rules.participated(user, meeting_id)
        return success({"take_part": rules.takes_part(user, meeting)}, message="Consent retrieved successfully")

    @extend_schema(
        operation_id="putConsent",
        tags=["meetings"],
        summary="Take part in recording and transcription, or stay out of them",
        request=ConsentSerializer,
        examples=[body("stay out", {"take_part": False})],
        responses={
            200: answer(ConsentFields, {"take_part": False}, message="Consent updated successfully"),
            **refusals(403, 404),
        },
    )
    def put(self, request: Request, meeting_id: str) -> Response:
        user = person_of(request)
        meeting = rules.participated(user, meeting_id)
        take_part = body_of(ConsentSerializer, request).validated_data["take_part"]
        actions.give_consent(meeting=meeting, take_part=take_part, by=user)
        return success({"take_part": take_part}, message="Consent updated successfully")


def _access_of(meeting: Meeting) -> list[AccessFields]:
    return [access_fields(one) for one in access.list_access(meeting)]
