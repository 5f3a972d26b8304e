"""What can be refused about meetings."""

from config.lib.errors import DomainError, NotFound


class MeetingsError(DomainError):
    """Base of this app's refusals."""


class MeetingNotFound(NotFound):
    """There is no such meeting, or it is not the caller's to know of."""

    def __init__(self) -> None:
        super().__init__("There is no such meeting.")


class InvalidMeeting(MeetingsError):
    """A meeting cannot be made from what was given."""

    code = "invalid_meeting"
