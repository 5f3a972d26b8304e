"""The fixed choices of rooms: what kind of place it is, and what somebody is in it."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RoomType(TextChoices):
    MEETING = "meeting", _("Meeting")
    CONFERENCE = "conference", _("Conference")
    WEBINAR = "webinar", _("Webinar")
    LIVE = "live", _("Live")


class RoomRole(TextChoices):
    """What somebody is in a room, from the most to the least rights."""

    HOST = "host", _("Host")
    COHOST = "cohost", _("Co-host")
    PRESENTER = "presenter", _("Presenter")
    PARTICIPANT = "participant", _("Participant")
    VIEWER = "viewer", _("Viewer")


# What an invitation may make of a guest.
GUEST_ROLES = (RoomRole.PARTICIPANT, RoomRole.VIEWER)
# In these most people only watch: a newcomer is a viewer.
WATCHED = frozenset({RoomType.WEBINAR, RoomType.LIVE})
_RANKS = list(RoomRole)


def lower_of(one: RoomRole, other: RoomRole) -> RoomRole:
    """Give the one of two roles that has fewer rights."""
    return max(one, other, key=_RANKS.index)


def roles_below(role: RoomRole) -> list[RoomRole]:
    """Give the roles that have fewer rights, the highest first."""
    return _RANKS[_RANKS.index(role) + 1 :]
