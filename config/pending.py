"""Operations of the REST contract that are still to come; each answers 501, and in the end the list is empty."""

import re

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from config.lib.answers import refusal
from config.lib.errors import NotThereYet

# Method and path, as the contract writes them.
PENDING: list[tuple[str, str]] = [
    ("GET", "/api/get-speech-token"),
    ("GET", "/recordings/user/{userId}/storage-info"),
    ("PUT", "/recordings/user/{userId}/storage-limit"),
    ("POST", "/recordings/user/{userId}/room/{roomId}/recording/{recordingId}/upload-to-blob"),
    ("GET", "/recordings/user/{userId}/room/{roomId}/recording/{recordingId}/file/{fileName}/sas-url"),
    ("DELETE", "/recordings/user/{userId}/room/{roomId}/recording/{recordingId}/{fileName}"),
    ("POST", "/recordings/user/{userId}/room/{roomId}/recording/{recordingId}/share"),
    ("DELETE", "/recordings/user/{userId}/room/{roomId}/recording/{recordingId}/share"),
    ("GET", "/recordings/admin/exceeded-storage-users"),
    ("PATCH", "/transcript-lines/{lineId}"),
    ("POST", "/transcripts/{meetingId}/recognise"),
    ("POST", "/meeting/{meetingId}/chat-summary"),
    ("GET", "/meeting/{meetingId}/chat-summary"),
    ("GET", "/search"),
    ("POST", "/search"),
]


@csrf_exempt
def not_there_yet(request: HttpRequest, **ids: str) -> HttpResponse:
    """Refuse without asking who it is: there is nothing to protect yet."""
    error = NotThereYet()
    return JsonResponse(refusal(error.message, error.code), status=error.status)


def _django_path(written: str) -> str:
    return re.sub(r"\{(\w+)\}", r"<str:\1>", written.lstrip("/"))


urlpatterns = [path(_django_path(written), not_there_yet) for written in dict.fromkeys(path for _, path in PENDING)]
