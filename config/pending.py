"""What of the REST contract is still to come: it answers 501, and in the end both lists are empty."""

import re
from collections import defaultdict

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.lib.errors import NotThereYet
from transcripts import documents

# Method and path, as the contract writes them; of two that fit, the first is found.
PENDING: list[tuple[str, str]] = [
    ("GET", "/api/get-speech-token"),
    ("GET", "/recordings/user/{userId}/storage-info"),
    ("PUT", "/recordings/user/{userId}/storage-limit"),
    ("POST", "/recordings/user/{userId}/room/{roomId}/recording/{recordingId}/upload-to-blob"),
    ("GET", "/recordings/user/{userId}/room/{roomId}/recording/{recordingId}/file/{fileName}/sas-url"),
    ("POST", "/recordings/user/{userId}/room/{roomId}/recording/{recordingId}/share"),
    ("DELETE", "/recordings/user/{userId}/room/{roomId}/recording/{recordingId}/share"),
    ("DELETE", "/recordings/user/{userId}/room/{roomId}/recording/{recordingId}/{fileName}"),
    ("GET", "/recordings/admin/exceeded-storage-users"),
    ("PATCH", "/transcript-lines/{lineId}"),
    ("POST", "/transcripts/{meetingId}/recognise"),
    ("POST", "/meeting/{meetingId}/chat-summary"),
    ("GET", "/meeting/{meetingId}/chat-summary"),
    ("GET", "/search"),
    ("POST", "/search"),
]
# Path and the value of `?format=`, of operations that are there in other forms.
PENDING_FORMS: list[tuple[str, str]] = [
    *(("/view-transcript/{meetingId}", form) for form in documents.TRANSCRIPT.to_come),
    *(("/meeting/{meetingId}/summary", form) for form in documents.NOTES.to_come),
]


@extend_schema(exclude=True)
class Pending(APIView):
    """Refuses without asking who it is: there is nothing to protect yet."""

    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Request, **ids: str) -> Response:
        raise NotThereYet

    post = put = patch = delete = get


def _django_path(written: str) -> str:
    return re.sub(r"\{(\w+)\}", r"<str:\1>", written.lstrip("/"))


_methods = defaultdict[str, list[str]](list)
for _method, _path in PENDING:
    _methods[_path].append(_method.lower())
urlpatterns = [path(_django_path(at), Pending.as_view(http_method_names=names)) for at, names in _methods.items()]
