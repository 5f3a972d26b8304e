"""Rounds: all contenders in turn, each at capacity and at 60 % of it, and what their connections weigh."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from redis import Redis

from bench.fanout.contenders import Contender
from bench.fanout.load import Load, Run, loading
from bench.fanout.place import Place
from bench.fanout.servers import running
from config.lib import embedded

PART = 0.6
# These join before the memory is first read, so that what a server loads once, and the threads that it starts when many
# come, count for no connection, and stay until it is read again, so that nothing of theirs is used again. They say
# nothing: heaps that have grown would hide a lot.
FIRST, FIRST_ROOM = 100, 1
# At capacity, before anything is measured: Node compiles what it does often. Then before each window.
HOT_SECONDS, WARM_SECONDS = 1.0, 0.5


@dataclass(frozen=True)
class Round:
    """A contender at capacity, at a part of it, and at the events/s of the first one's part."""

    full: Run
    part: Run
    same: Run
    kib: float

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

    @property
    def p99_same(self) -> float:
        return self.same.p99

    @property
    def events(self) -> float:
        """How many events a second the part is."""
        return _part_of(self.full)


@dataclass
class Entry:
    """A contender and what it did, turn by turn."""

    contender: Contender
    rounds: list[Round] = field(default_factory=list)

    @property
    def kib(self) -> float:
        return median(each.kib for each in self.rounds)


def compare(place: Place, contenders: Sequence[Contender], *, size: int, rounds: int, seconds: float) -> list[Entry]:
    """Have contenders take turns: A B C, A B C, …; each is started for its turn, so that nobody else does anything."""
    entries = [Entry(contender) for contender in contenders]
    for _ in range(rounds):
        events = 0.0
        for entry in entries:
            done = _take_turn(place, entry.contender, size, seconds, events)
            entry.rounds.append(done)
            events = events or done.events
    return entries


def compared(one: Entry, other: Entry, value: str) -> list[float]:
    """Divide `capacity`, `rate` or `p99` round by round, so that what else the machine did falls on both."""
    pairs = zip(one.rounds, other.rounds, strict=True)
    return [getattr(mine, value) / getattr(theirs, value) for mine, theirs in pairs]


def _take_turn(place: Place, contender: Contender, size: int, seconds: float, events: float) -> Round:
    # Nobody else is there, and what was drawn in the turn before weighs nothing.
    with Redis.from_url(embedded.redis_url(place.layout)) as redis:
        redis.flushall()
    with (
        running(contender, place) as server,
        loading(place, server, contender.members(FIRST_ROOM, FIRST)) as first,
    ):
        first.wait_joined()
        before = server.settled_kib()
        with loading(place, server, contender.members(0, size)) as load:
            joined = load.wait_joined()
            if joined.failed:
                raise SystemExit(f"{contender.name}: {joined.failed} of {size} could not join")
            kib = (server.settled_kib() - before) / size
            full = _flood(contender, load, size, seconds)
            part = load.pace(_part_of(full), warm=WARM_SECONDS, seconds=seconds)
            same = load.pace(events, warm=WARM_SECONDS, seconds=seconds) if events else part
            return Round(full, part, same, kib)


def _flood(contender: Contender, load: Load, size: int, seconds: float) -> Run:
    load.flood(contender.under_way, warm=0, seconds=HOT_SECONDS)
    full = load.flood(contender.under_way, warm=WARM_SECONDS, seconds=seconds)
    if full.per_event not in (size, size - 1):
        raise SystemExit(f"{contender.name}: an event reached {full.per_event} of {size}")
    return full


def _part_of(full: Run) -> float:
    return full.rate * PART / full.per_event
