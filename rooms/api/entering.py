"""REST: the token that lets somebody into a room."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.requests import body_of, page_of, session_of
from config.lib.answers import success
from config.lib.schema import answer, body, refusals
from rooms.actions import joining
from rooms.actions.joining import Device, Waiting, Wish
from rooms.api import examples
from rooms.api.serializers import EntrySerializer, Lobby, RoomEntry, room_entry
from rooms.enums import RoomRole
from rooms.exceptions import NameNeeded


class RoomToken(APIView):
    """`POST /room/:roomId/token`."""

    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="createRoomToken",
        tags=["rooms"],
        summary="A seat in a room: for members, newcomers, and guests with an invitation",
        description="The role that is asked for is lowered to the one that the caller has. Who comes into a public "
        "room becomes a member of it. Before a private room strangers and guests wait: the answer is 202 with a "
        "ticket, and so is that of the same call with the ticket until a host has decided.",
        request=EntrySerializer,
        examples=[
            body("a user", {"role": "participant"}),
            body("a guest", {"invite": examples.SECRET, "userName": "Carl"}),
            body("again, with the ticket", {"ticket": examples.LOBBY["ticket"]}),
        ],
        responses={
            201: answer(RoomEntry, examples.ENTRY),
            202: answer(Lobby, examples.LOBBY, description="A host has to let the caller in."),
            **refusals(403, 404, 409),
        },
    )
    def post(self, request: Request, room_id: str) -> Response:
        asked = body_of(EntrySerializer, request)
        values = asked.validated_data
        wish = Wish(**{**values, "role": RoomRole(values.get("role", RoomRole.HOST))})
        session = session_of(request)
        device = Device(session.pk if session else None, page_of(request), request.headers.get("Origin"))
        with asked.renaming(NameNeeded):
            outcome = joining.enter(room_id=room_id, wish=wish, by=request.user, device=device)
        if isinstance(outcome, Waiting):
            return success({"lobby": True, "ticket": outcome.ticket}, status=202)
        return success(room_entry(outcome), status=201)
