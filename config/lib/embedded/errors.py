"""What can keep the embedded parts from starting."""

from config.lib.errors import DomainError


class EmbeddedError(DomainError):
    """An embedded part cannot run here; the message says what to do."""

    code = "embedded_part_failed"
    status = 503
    temporary = True
