"""What can keep the system from starting."""

from config.lib.errors import DomainError


class ServeError(DomainError):
    """The system cannot start; the message says what to do."""

    code = "serve_failed"
    status = 503
