"""The error family: every refusal that a caller may see is a DomainError with a stable code."""


class DomainError(Exception):
    """A refusal that says what happened and what to do next.

    A class stands for one fact: it fixes `code` (stable, snake_case, part of the contract), `status` (the HTTP status
    of the answer) and `temporary` (whether trying again later can help). The message is one English sentence for the
    caller and never holds content; `facts` go to the answer's `errors` or to the log.
    """

    code = "bad_request"
    status = 400
    temporary = False

    @property
    def is_refusal(self) -> bool:
        """Say whether the caller can do something about it; else it is a fault of ours, logged and not told."""
        return self.status != 500

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.message = message
        self.facts = facts


class NotFound(DomainError):
    """There is no such thing, or the caller may not know that there is."""

    code = "not_found"
    status = 404


class NotAllowed(DomainError):
    """The thing is visible to the caller, the act is not theirs."""

    code = "not_allowed"
    status = 403


class ContentClosedToAdmins(NotAllowed):
    """Administrators run everything and read nothing."""

    code = "content_closed_to_admins"
