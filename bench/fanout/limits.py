"""What ours has to reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.fanout import contenders as theirs
from bench.fanout import ours
from bench.fanout.rounds import Entry, compared
from bench.fanout.strain import Burst, Slow

KIB_PER_CONNECTION = 40
P99_MS = 20.0
# Beside a member who never reads: of the p99 without one, and MiB more than without one.
SLOW_P99, SLOW_MIB = 1.5, 4.0
# In a room beside a crowd that joins.
BURST_P99_MS = 50.0


@dataclass(frozen=True)
class Least:
    """What one contender must reach of another's deliveries per CPU second, in rooms of these sizes."""

    name: str
    of: str
    ratio: float
    sizes: tuple[int, ...] = (50, 200, 500)


LEAST = [
    Least(ours.PLAIN, theirs.SOCKET_IO, 1.5),
    Least(ours.PLAIN_BUS, theirs.SOCKET_IO, 1.25),
    Least(ours.SOCKET_IO, theirs.SOCKET_IO, 1.0, (200, 500)),
    Least(ours.SOCKET_IO_BUS, theirs.SOCKET_IO, 0.9, (200, 500)),
    Least(ours.UPGRADED, theirs.SOCKET_IO, 0.9, (200, 500)),
    Least(ours.PLAIN, theirs.LIMIT, 0.7),
    Least(ours.PLAIN, theirs.CHANNELS, 10),
    Least(ours.PLAIN, theirs.CHANNELS_REDIS, 10),
    Least(ours.GATHERED, theirs.SOCKET_IO, 5),
]


def missed(entries: Sequence[Entry], size: int) -> list[str]:
    """Say what ours does not reach in a room of this size, as far as it was measured."""
    by_name = {entry.contender.name: entry for entry in entries}
    said = []
    for least in LEAST:
        if size in least.sizes and {least.name, least.of} <= set(by_name):
            reached = median(compared(by_name[least.name], by_name[least.of], "capacity"))
            if reached < least.ratio:
                said.append(f"{least.name} reaches {reached:.2f} of {least.of}, not {least.ratio}")
    for entry in entries:
        if ours.is_ours(entry.contender):
            said += _missed_alone(entry, by_name.get(theirs.SOCKET_IO))
    return said


def _missed_alone(entry: Entry, node: Entry | None) -> list[str]:
    name, said = entry.contender.name, []
    if entry.kib > KIB_PER_CONNECTION:
        said.append(f"{name} takes {entry.kib:.1f} KiB a connection, more than {KIB_PER_CONNECTION}")
    p99 = median(each.p99 for each in entry.rounds)
    if p99 > P99_MS:
        said.append(f"{name} has a p99 of {p99:.1f} ms, more than {P99_MS:g}")
    # What gathers waits by itself.
    if node and name != ours.GATHERED and median(compared(entry, node, "p99_same")) > 1:
        said.append(f"{name} has a p99 above that of {theirs.SOCKET_IO} at its load")
    return said


def missed_slow(slow: Slow) -> list[str]:
    said = []
    if slow.beside.lost or slow.beside.p99 > slow.alone.p99 * SLOW_P99:
        said.append(f"{slow.name}: who never reads disturbs the others")
    if slow.growth > SLOW_MIB:
        said.append(f"{slow.name}: who never reads takes {slow.growth:.1f} MiB, more than {SLOW_MIB:g}")
    return said


def missed_burst(burst: Burst) -> list[str]:
    if burst.joined.failed or burst.beside.p99 > BURST_P99_MS:
        return [f"{burst.name}: not all joined, or the room beside had a p99 above {BURST_P99_MS:g} ms"]
    return []
