"""Who may record, and who may bring recordings in."""

from django.db.models import Q

from accounts.models import User
from accounts.rules import Person, check_feature, is_administrator, is_reader_account
from config.lib.errors import ContentClosedToAdmins, NotAllowed
from recordings.exceptions import TrackNotFound
from recordings.models import Track
from rooms import rules as rooms_rules
from rooms.enums import RoomRole
from rooms.models import Room

RECORDERS = frozenset(RoomRole) - {RoomRole.VIEWER}


def can_import(user: Person) -> bool:
    return is_reader_account(user) and user.has_feature("transcripts")


def check_import(user: Person) -> None:
    """Raise where `can_import` says no.

    Raises:
        ContentClosedToAdmins: administrators hold no meetings.
        accounts.exceptions.FeatureNotInPlan: what is imported becomes a transcript.
    """
    if not is_reader_account(user):
        raise ContentClosedToAdmins("Administrators' accounts hold no meetings: import with the account of a user.")
    check_feature(user, "transcripts")


def check_content(user: Person) -> None:
    """Raises: ContentClosedToAdmins."""
    if is_administrator(user):
        raise ContentClosedToAdmins("What was recorded is closed to administrators.")


def recordable(user: User, room_id: str) -> Room:
    """Give the room in which `user` may record.

    Raises:
        ContentClosedToAdmins.
        rooms.exceptions.RoomNotFound: there is none, or the user does not belong to it.
        config.lib.errors.NotAllowed: the user only watches there.
    """
    check_content(user)
    return rooms_rules.room_of(user, room_id, among=RECORDERS)


def stoppable(user: User, recording_id: str, stream_id: str) -> Track:
    """Give the track that `user` may stop: as host or co-host of its room, or as who started it.

    Clients make these ids, and those of two rooms may be the same: what is still being recorded comes first, then what
    is newest.

    Raises:
        ContentClosedToAdmins.
        TrackNotFound: there is none in the user's rooms.
        config.lib.errors.NotAllowed: the user only takes part there.
    """
    check_content(user)
    near = Q(recording__room__in=Room.objects.of(user)) | Q(started_by=user)
    named = Track.objects.filter(near, recording__recording_id=recording_id, stream_id=stream_id)
    tracks = named.select_related("recording__room").order_by("-pk")
    if not tracks:
        raise TrackNotFound
    own = [track for track in tracks if track.started_by_id == user.pk or _hosts(user, track)]
    if not own:
        raise NotAllowed("Only the host, co-hosts and whoever started the recording may stop it.")
    return next((track for track in own if track.is_open), own[0])


def _hosts(user: User, track: Track) -> bool:
    # A track whose room is gone comes here only with whoever started it.
    room = track.recording.room
    return room is not None and rooms_rules.is_host(user, room)
