"""What is done to meetings."""

from meetings.actions.meetings import (
    MAX_RECORDINGS,
    Changes,
    Plan,
    add_recording,
    answer_consent,
    create,
    create_past,
    delete,
    end,
    follow_room,
    give_consent,
    mark_summarised,
    start,
    update,
)

__all__ = [
    "MAX_RECORDINGS",
    "Changes",
    "Plan",
    "add_recording",
    "answer_consent",
    "create",
    "create_past",
    "delete",
    "end",
    "follow_room",
    "give_consent",
    "mark_summarised",
    "start",
    "update",
]
