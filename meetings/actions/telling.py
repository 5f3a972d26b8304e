"""What a room hears of the beginning and the end of its meetings, after the commit."""

from meetings.models import Meeting
from rooms.realtime import protocol, publishing
from rooms.realtime.bus import EVERYTHING
from rooms.realtime.protocol import Close
from rooms.realtime.saying import Saying

# In the state of the room, and in what is told to who comes.
MEETING_ID = "meetingId"


def tell_start(room_id: str, meeting: Meeting) -> None:
    said = {"type": "meetingId", "meetingId": meeting.pk}
    writes = (("state", MEETING_ID, protocol.encode(meeting.pk).decode()),)
    publishing.on_commit(room_id, Saying(type="meetingId", body=protocol.encode(said), writes=writes))


def tell_end(room_id: str, meeting: Meeting) -> None:
    """Tell everybody, then hang up; the room knows nothing any more of what was shown and decided in the meeting."""
    said = {"type": "meeting-ended", "meetingId": meeting.pk}
    over = Saying(
        type="meeting-ended",
        body=protocol.encode(said),
        writes=(("state", EVERYTHING, ""),),
        orders=(("close", "", str(Close.NORMAL)),),
    )
    publishing.on_commit(room_id, over)
    publishing.wipe_board(room_id)
