"""The events that rooms themselves know, by area; other apps add their own (`config.realtime`)."""

from rooms.conversation.kinds import microphones, moderating, selling, showing, signalling
from rooms.realtime.protocol import Kind

KINDS: tuple[Kind, ...] = (
    *showing.KINDS,
    *signalling.KINDS,
    *microphones.KINDS,
    *moderating.KINDS,
    *selling.KINDS,
)
