"""What the database says of people in rooms: of those who come, and of those who are there."""

from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True)
class Visit:
    """From where somebody comes: the host part of the page or of the API, and their address."""

    domain: str = ""
    address: str = ""

    @classmethod
    def of(cls, *, origin: str | None, host: str = "", address: str = "") -> Self:
        """Read it from what a request says of its page, where it comes from one, and of the server it asks."""
        return cls(domain=urlsplit(origin or f"//{host}").hostname or "", address=address)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """What the database says of somebody who comes in."""

    person: str
    name: str
    role: str
    features: frozenset[str]
    limit: int | None
    # What is told of the room beside what all processes know of it.
    facts: dict[str, Any]
    consent: bool = True


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What somebody who sits in a room may be there: a role, or nothing, with the code that closes the socket."""

    role: str = ""
    consent: bool = True
    close: int = 0
    reason: str = ""
