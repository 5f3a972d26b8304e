"""What the database says of people in rooms: of those who come, and of those who are there."""

from dataclasses import dataclass
from typing import Any


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


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What somebody who sits in a room may be there: a role, or nothing, with the code that closes the socket."""

    role: str = ""
    close: int = 0
    reason: str = ""
