"""The events that rooms themselves know, by area; other apps add their own (`config.realtime`)."""

from rooms.conversation.kinds import entering, microphones, moderating, selling, showing, signalling, timing, whiteboard
from rooms.realtime.protocol import Kind

KINDS: tuple[Kind, ...] = (
    *entering.KINDS,
    *showing.KINDS,
    *signalling.KINDS,
    *microphones.KINDS,
    *moderating.KINDS,
    *selling.KINDS,
    *timing.KINDS,
    *whiteboard.KINDS,
)
