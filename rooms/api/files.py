"""REST: the files of a room; their content goes through the ASGI applications that `uploads` and `downloads` hold."""

from typing import NoReturn

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import person_of
from accounts.api.throttling import rated
from config.lib import pagination
from config.lib.answers import success
from config.lib.errors import NotThereYet
from config.lib.ids import is_id
from config.lib.schema import answer, body, nothing, refusals
from rooms import reading, rules
from rooms.actions import files
from rooms.api import examples
from rooms.api.serializers import Deleted, FileFields, UploadedFile, file_fields
from rooms.exceptions import InvalidRoomId

UPLOADED = "File uploaded successfully!"
RETRIEVED = "File retrieved successfully!"
LISTED = "Files retrieved successfully!"
DELETED = "File deleted successfully!"
ALL_DELETED = "Files deleted successfully!"

_FORM = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary"}},
    "required": ["file"],
}


class RoomUpload(APIView):
    """`POST /room/:roomId/upload`: describes what `rooms.uploads` answers, beside Django."""

    @extend_schema(
        operation_id="uploadRoomFile",
        tags=["rooms"],
        summary="Put a file into a room",
        description="Documents, pictures, sound, video, text and ZIP archives whose content is what their ending says. "
        "Where the name is taken, a number is added to it.",
        request={"multipart/form-data": _FORM},
        examples=[body("a file", {"file": "(binary)"}, media_type="multipart/form-data")],
        responses={
            200: answer(UploadedFile, examples.UPLOADED, msg=UPLOADED),
            **refusals(403, 404, 410, 413, 415, 503),
        },
    )
    def post(self, request: Request, room_id: str) -> NoReturn:
        raise NotThereYet


class RoomDocument(APIView):
    """`GET /documents/:roomId/:filename`: describes what `rooms.downloads` answers, beside Django."""

    @extend_schema(
        operation_id="downloadRoomFile",
        tags=["rooms"],
        summary="The content of a file, whole or in ranges, as an attachment",
        responses={
            (200, "*/*"): OpenApiResponse(OpenApiTypes.BINARY, description="The whole file."),
            (206, "*/*"): OpenApiResponse(OpenApiTypes.BINARY, description="The range asked for."),
            304: nothing("The client has it already."),
            **refusals(403, 404, 410, 416),
        },
    )
    def get(self, request: Request, room_id: str, filename: str) -> NoReturn:
        raise NotThereYet


class RoomFiles(APIView):
    """`GET` and `DELETE /room/:roomId/files`."""

    throttle_classes = rated("RATE_FILES")

    @extend_schema(
        operation_id="listRoomFiles",
        tags=["rooms"],
        summary="The files of a room, newest first",
        parameters=pagination.PARAMETERS,
        responses={200: answer(list[FileFields], [examples.FILE], msg=LISTED), **refusals(403, 404, 410)},
    )
    def get(self, request: Request, room_id: str) -> Response:
        user = person_of(request)
        room = rules.content_room(user, room_id)
        page, links = pagination.page(room.files.all(), request, default=pagination.DEFAULT_LIMIT)
        found = reading.named(room, page)
        files.note_reading(room=room, by=user)
        return success([file_fields(file) for file in found], msg=LISTED, headers=links)

    @extend_schema(
        operation_id="deleteRoomFiles",
        tags=["rooms"],
        summary="Delete all files of a room",
        responses={200: answer(Deleted, {"deleted": 3}, msg=ALL_DELETED), **refusals(403, 404)},
    )
    def delete(self, request: Request, room_id: str) -> Response:
        user = person_of(request)
        room = rules.content_room(user, _checked(room_id))
        return success({"deleted": files.delete_all(room=room, by=user)}, msg=ALL_DELETED)


class RoomFileDetail(APIView):
    """`GET` and `DELETE /room/:roomId/files/:filename`."""

    throttle_classes = rated("RATE_FILES")

    @extend_schema(
        operation_id="getRoomFile",
        tags=["rooms"],
        summary="What is known of a file",
        responses={200: answer(FileFields, examples.FILE, msg=RETRIEVED), **refusals(403, 404)},
    )
    def get(self, request: Request, room_id: str, filename: str) -> Response:
        user = person_of(request)
        room = rules.content_room(user, room_id)
        found = reading.find_file(room, filename)
        files.note_reading(room=room, file=found.row, by=user)
        return success(file_fields(found), msg=RETRIEVED)

    @extend_schema(
        operation_id="deleteRoomFile",
        tags=["rooms"],
        summary="Delete a file: the hosts of the room, and who sent it",
        responses={200: answer(Deleted, {"deleted": 1}, msg=DELETED), **refusals(403, 404)},
    )
    def delete(self, request: Request, room_id: str, filename: str) -> Response:
        user = person_of(request)
        room = rules.content_room(user, _checked(room_id))
        files.delete(room=room, file=reading.find_file(room, filename).row, by=user)
        return success({"deleted": 1}, msg=DELETED)


def _checked(room_id: str) -> str:
    """Raises: InvalidRoomId."""
    if not is_id(room_id):
        raise InvalidRoomId
    return room_id
