"""Facts that travel upward: a lower app states what happened, upper apps subscribe in their apps.py.

Subscribers run in the publisher's transaction and may only write rows, or ask for something after the commit, so that a
fact is lost with its transaction or kept with it.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

Subscriber = Callable[..., None]
_subscribers: dict[str, list[Subscriber]] = defaultdict(list)


def subscribe(fact: str, subscriber: Subscriber) -> None:
    """Hear `fact` from now on; subscribing twice is hearing once."""
    if subscriber not in _subscribers[fact]:
        _subscribers[fact].append(subscriber)


def state(fact: str, **about: Any) -> None:
    """State a fact to everybody who subscribed, in order of subscription, in the caller's transaction."""
    for subscriber in _subscribers[fact]:
        subscriber(**about)
