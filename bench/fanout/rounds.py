"""Rounds: all contenders in turn, each at capacity and at 60 % of it, and what their connections weigh."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from bench.fanout.contenders import Contender
from bench.fanout.load import Load, Run, loading
from bench.fanout.place import Place
from bench.fanout.servers import running

PART = 0.6
# These join before the memory is first read, so that what a server loads once, and the threads that it starts when many
# come, count for no connection, and stay until it is read again, so that nothing of theirs is used again. They say
# nothing: heaps that have grown would hide a lot.
FIRST, FIRST_ROOM = 100, 1
WARM_SECONDS = 0.5


@dataclass(frozen=True)
class Round:
    """A contender at capacity, and at a part of it."""

    full: Run
    part: Run

    @property
    def capacity(self) -> float:
        """Million deliveries per second of the server's CPU."""
        return 1 / self.full.cost

    @property
    def rate(self) -> float:
        return self.full.rate

    @property
    def p99(self) -> float:
        return self.part.p99


@dataclass
class Entry:
    """A contender with its room full, and what it did so far."""

    contender: Contender
    load: Load
    kib: float
    rounds: list[Round] = field(default_factory=list)


def compare(place: Place, contenders: Sequence[Contender], *, size: int, rounds: int, seconds: float) -> list[Entry]:
    """Fill a room of each, then have them take turns: A B C, A B C, …; who waits has nothing to do but pings."""
    with ExitStack() as stack:
        entries = [_enter(stack, place, contender, size) for contender in contenders]
        # The first round warms up.
        for number in range(rounds + 1):
            for entry in entries:
                done = _measure(entry, size, seconds if number else min(seconds, 1))
                entry.rounds += [done] if number else []
    return entries


def compared(one: Entry, other: Entry, value: str) -> list[float]:
    """Divide `capacity`, `rate` or `p99` round by round, so that what else the machine did falls on both."""
    pairs = zip(one.rounds, other.rounds, strict=True)
    return [getattr(mine, value) / getattr(theirs, value) for mine, theirs in pairs]


def _enter(stack: ExitStack, place: Place, contender: Contender, size: int) -> Entry:
    server = stack.enter_context(running(contender, place))
    with loading(place, server, contender.members(FIRST_ROOM, FIRST)) as first:
        first.wait_joined()
        before = server.settled_kib()
        load = stack.enter_context(loading(place, server, contender.members(0, size)))
        joined = load.wait_joined()
        if joined.failed:
            raise SystemExit(f"{contender.name}: {joined.failed} of {size} could not join")
        return Entry(contender, load, (server.settled_kib() - before) / size)


def _measure(entry: Entry, size: int, seconds: float) -> Round:
    full = entry.load.flood(entry.contender.under_way, warm=WARM_SECONDS, seconds=seconds)
    if full.per_event not in (size, size - 1):
        raise SystemExit(f"{entry.contender.name}: an event reached {full.per_event} of {size}")
    events = full.rate * PART / full.per_event
    return Round(full, entry.load.pace(events, warm=WARM_SECONDS, seconds=seconds))
