"""What the audit log is to say of the request that is being answered, wherever in the code it is refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from accounts.models import User


@dataclass
class Trail:
    """One request: what it asks for, of which things, from where, and by whom once that is known.

    It is the same object in every thread that works on the request.
    """

    action: str = ""
    resource: dict[str, str] = field(default_factory=dict)
    address: str = ""
    user: User | None = None
    # A row says already how the request was refused.
    is_told: bool = False


_current: ContextVar[Trail | None] = ContextVar("trail", default=None)


def current() -> Trail:
    """Give the trail of the request; outside of requests one that nobody reads."""
    return _current.get() or Trail()


@contextmanager
def following(trail: Trail) -> Iterator[None]:
    token = _current.set(trail)
    try:
        yield
    finally:
        _current.reset(token)
