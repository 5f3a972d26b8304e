"""What can be refused about meetings."""

from django.utils.translation import gettext_noop

from config.lib.errors import DomainError, NotAllowed, NotFound


class MeetingsError(DomainError):
    """Base of this app's refusals."""


class MeetingNotFound(NotFound):
    """There is no such meeting, or it is not the caller's to know of."""

    def __init__(self) -> None:
        super().__init__("There is no such meeting.")


class InvalidMeeting(MeetingsError):
    """A meeting cannot be made from what was given."""

    code = "invalid_meeting"


class MeetingOver(MeetingsError):
    """What was asked for makes no sense once a meeting has ended."""

    code = "meeting_over"
    status = 409


class RoomBusy(MeetingsError):
    """One meeting runs at a time in a room, and another one does."""

    code = "room_busy"
    status = 409


class MeetingRuns(MeetingsError):
    """A meeting that runs stays where its people are."""

    code = "meeting_running"
    status = 409

    def __init__(self) -> None:
        super().__init__(gettext_noop("The meeting is running: it stays in its room until it has ended."))


class TooManyRecordings(MeetingsError):
    """As many recordings are noted of a meeting as may be."""

    code = "too_many_recordings"
    status = 409

    def __init__(self, limit: int) -> None:
        super().__init__(f"A meeting has at most {limit} recordings: add to one that it has.")


class MeetingNotStarted(MeetingsError):
    """Nobody but the host and co-hosts begins a meeting by speaking."""

    code = "not_started"
    status = 409

    def __init__(self) -> None:
        super().__init__("The meeting has not started: its host or a co-host begins it.")


class NoMeetingRuns(MeetingsError):
    """What was asked for is of a meeting, and none runs in the room."""

    code = "no_meeting"
    status = 409

    def __init__(self) -> None:
        super().__init__("No meeting runs in this room: it begins when its host comes.")


class HasOwnRights(MeetingsError):
    """The host has every right without being given any."""

    code = "has_own_rights"
    status = 409


class RightNotHeld(NotAllowed):
    """Nobody gives, or takes, a right to a meeting's content that they have not themselves."""

    code = "right_not_held"


class MailNotSent(MeetingsError):
    """The mail server could not be reached, or would not take the mail; `kind` is all that is told of the error."""

    code = "mail_not_sent"
    status = 503

    def __init__(self, kind: str, *, temporary: bool) -> None:
        super().__init__(f"The mail was not sent: {kind}.")
        self.temporary = temporary


class SessionIsOver(MeetingsError):
    """Nobody joins a session that has ended; the room's next one is another."""

    code = "session_is_over"
    status = 409

    def __init__(self) -> None:
        super().__init__("The session is over.")
