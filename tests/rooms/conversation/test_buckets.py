"""How many events a second a connection may send."""

import pytest

from rooms.conversation.buckets import Buckets
from rooms.realtime.protocol import RATES, Refusal


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.mark.parametrize("rate", RATES)
def test_twice_as_many_may_come_at_once_and_no_more(rate):
    buckets = Buckets(Clock())

    for _ in range(2 * RATES[rate]):
        buckets.take(rate)

    with pytest.raises(Refusal) as refused:
        buckets.take(rate)
    assert refused.value.code == "rate_limited"


def test_a_bucket_fills_again_and_never_above_its_burst():
    clock = Clock()
    buckets = Buckets(clock)
    for _ in range(10):
        buckets.take("chat")

    clock.seconds = 0.2
    buckets.take("chat")
    clock.seconds = 1000
    for _ in range(10):
        buckets.take("chat")

    with pytest.raises(Refusal):
        buckets.take("chat")


def test_classes_do_not_count_for_each_other():
    buckets = Buckets(Clock())
    for _ in range(10):
        buckets.take("chat")

    with pytest.raises(Refusal):
        buckets.take("chat")
    assert all(buckets.take("drawing") is None for _ in range(2 * RATES["drawing"]))
