"""REST: importing a meeting; the files themselves go to the ASGI application of `uploads`."""

from typing import NoReturn, TypedDict

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from config.lib.errors import NotThereYet
from config.lib.schema import answer, body, refusals


class Imported(TypedDict):
    meetingId: str
    state: str
    progress: int


_FORM = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 1, "maxLength": 200},
        "name": {"type": "array", "items": {"type": "string"}, "description": "The speaker of each file."},
        "offset": {"type": "array", "items": {"type": "string"}, "description": "When each file begins, in seconds."},
        "file": {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1},
    },
    "required": ["title", "file"],
}
_EXAMPLE = {"title": "Weekly planning", "name": ["Anna", "Ben"], "offset": ["0", "12.5"], "file": ["(binary)"]}


class MeetingImport(APIView):
    """`POST /meetings/import`: describes what `recordings.uploads` answers, beside Django."""

    @extend_schema(
        operation_id="importMeeting",
        tags=["meetings"],
        summary="Make a finished meeting of recordings, one file per person or one with everybody",
        request={"multipart/form-data": _FORM},
        examples=[body("two people", _EXAMPLE, media_type="multipart/form-data")],
        responses={
            202: answer(Imported, {"meetingId": "68ee4b39b22d6134386fc5dc", "state": "queued", "progress": 0}),
            **refusals(403, 413, 415, 503),
        },
    )
    def post(self, request: Request) -> NoReturn:
        raise NotThereYet
