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

    @property
    def headers(self) -> dict[str, str]:
        """Give what the answer says beside its body."""
        return {}

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


class RateLimited(DomainError):
    """The caller asks more often than the setting `rate` allows; the answer says for how long to wait."""

    code = "rate_limited"
    status = 429
    temporary = True

    def __init__(self, rate: str, retry_after: int) -> None:
        super().__init__(f"Too many requests: try again in {retry_after} s.")
        self.rate = rate
        self.retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after)}


class NotThereYet(DomainError):
    """An operation of the contract that a later version brings; or one that an ASGI application answers beside Django,
    called where REST runs under WSGI: a proxy sends these to an ASGI process."""

    code = "not_implemented"
    status = 501

    def __init__(self) -> None:
        super().__init__("This server does not offer this operation yet.")
