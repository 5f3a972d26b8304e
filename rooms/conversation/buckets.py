"""How many events a second one connection may send: a bucket of tokens for each class."""

from collections.abc import Callable

from rooms.realtime.protocol import RATES, RateClass, Refusal

# So many seconds' worth may come at once.
BURST_SECONDS = 2


class Buckets:
    """`now` gives seconds of a clock that only goes forward."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._kept: dict[str, tuple[float, float]] = {}

    def take(self, rate: RateClass) -> None:
        """Take one token.

        Raises:
            Refusal.
        """
        each, now = RATES[rate], self._now()
        tokens, since = self._kept.get(rate, (float(each * BURST_SECONDS), now))
        tokens = min(each * BURST_SECONDS, tokens + (now - since) * each)
        if tokens < 1:
            raise Refusal("rate_limited", f"At most {each} of these a second.")
        self._kept[rate] = (tokens - 1, now)
