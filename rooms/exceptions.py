"""What can be refused about rooms."""

from config.lib.errors import DomainError, NotFound


class RoomsError(DomainError):
    """Base of this app's refusals."""


class RoomNotFound(NotFound):
    """There is no such room, or it is not the caller's to know of."""

    def __init__(self) -> None:
        super().__init__("There is no such room.")
