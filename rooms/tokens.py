"""Room tokens: what lets one seat into one room, for sockets and media; of no use anywhere else."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

from django.conf import settings
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError

from accounts.tokens import SignedToken
from config.lib.ids import is_id, new_id
from rooms.enums import RoomRole
from rooms.exceptions import BadRoomToken

# What the id of a guest begins with.
GUEST = "g_"


class RoomToken(SignedToken):
    token_type = "room"  # noqa: S105 - the name of a kind


@dataclass(frozen=True)
class RoomClaims:
    """Who sits where, as what: `seat` is what a reconnecting client takes again; `session_id` the sign-in that it
    hangs on, `origin` the page that it may come from, each where there is one."""

    person: str
    name: str
    room_id: str
    role: RoomRole
    seat: str
    session_id: str | None = None
    # The session of a page that it hangs on, under the hash of its key, and what that is bound to.
    page: str | None = None
    bound_to: str | None = None
    origin: str | None = None

    @property
    def is_guest(self) -> bool:
        return self.person.startswith(GUEST)


def new_guest() -> str:
    return GUEST + new_id()


def new_seat() -> str:
    return new_id()


def make_room(claims: RoomClaims) -> tuple[str, datetime]:
    """Sign a token; give it with the moment at which it ends."""
    written = {
        "sub": claims.person,
        "name": claims.name,
        "room": claims.room_id,
        "role": claims.role.value,
        "pid": claims.seat,
        **({"sid": claims.session_id} if claims.session_id else {}),
        **({"page": claims.page, "bound": claims.bound_to} if claims.page else {}),
        **({"origin": claims.origin} if claims.origin else {}),
    }
    lifetime = timedelta(minutes=settings.ROOM_TOKEN_MINUTES)
    text = RoomToken.signed(written, issued_at=timezone.now(), lifetime=lifetime)
    return text, datetime.fromtimestamp(RoomToken.read(text)["exp"], UTC)


def check_origin(claims: RoomClaims, origin: str | None) -> None:
    """Hold a token to the page that it was given to; `origin` is what the browser says, None where none asks.

    Raises:
        BadRoomToken.
    """
    is_allowed = origin is None or origin in settings.ALLOWED_ORIGINS
    if not is_allowed or (claims.origin is not None and claims.origin != origin):
        raise BadRoomToken("This page may not use the room token.")


def in_query(query: str) -> str:
    """Give the token that an old client says in the address, where that is allowed."""
    return parse_qs(query).get("token", [""])[0] if settings.ALLOW_QUERY_TOKENS else ""


def read_room(text: str) -> RoomClaims:
    """Check a token for itself: its signature, kind and times, and that it says all that it must.

    Whether the room, the membership and the sign-in still are is for the caller to ask.

    Raises:
        BadRoomToken.
    """
    try:
        token = RoomToken.read(text)
        claims = RoomClaims(
            person=token["sub"],
            name=token["name"],
            room_id=token["room"],
            role=RoomRole(token["role"]),
            seat=token["pid"],
            session_id=token.payload.get("sid"),
            page=token.payload.get("page"),
            bound_to=token.payload.get("bound"),
            origin=token.payload.get("origin"),
        )
    except (TokenError, KeyError, ValueError) as error:
        raise BadRoomToken("The room token is not valid or has expired: ask for a new one.") from error
    if not is_id(claims.room_id) or not is_id(claims.person.removeprefix(GUEST)):
        raise BadRoomToken("The room token is not valid: ask for a new one.")
    return claims
