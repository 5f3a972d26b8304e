"""Two loads that are no steady room: a member who never reads, and a crowd that joins while others speak."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.fanout import ours
from bench.fanout.contenders import Contender, Member
from bench.fanout.load import Joined, Run, loading
from bench.fanout.place import Place
from bench.fanout.polling import Polling
from bench.fanout.servers import Server, running

WARM_SECONDS = 1.0
# One speaks to 50 others, long enough that the kernel's buffers for who never reads are full after a third of it.
MEMBERS, SLOW_BYTES, SLOW_EVENTS, SLOW_SECONDS = 51, 8000, 250.0, 8.0
CROWD, CROWD_SECONDS, CROWD_ROOMS = 1000, 5.0, 20
NEIGHBOURS, NEIGHBOUR_EVENTS = 50, 20.0
SAMPLE_SECONDS = 0.25


@dataclass(frozen=True)
class Slow:
    """A room without and with a member who never reads, and by how many MiB the server grew at most meanwhile."""

    name: str
    alone: Run
    beside: Run
    mib_alone: float
    mib_beside: float
    is_cut: bool

    @property
    def growth(self) -> float:
        return self.mib_beside - self.mib_alone

    def __str__(self) -> str:
        return (
            f"{self.name:<24} p99 {self.alone.p99:.1f} ms alone, {self.beside.p99:.1f} ms beside one who never reads"
            f" ({self.beside.p99 / self.alone.p99:.2f}); lost {self.alone.lost} and {self.beside.lost};"
            f" memory {self.mib_alone:+.1f} and {self.mib_beside:+.1f} MiB; {'' if self.is_cut else 'not '}cut off"
        )


@dataclass(frozen=True)
class Burst:
    """How a crowd joined, and a room beside it before and meanwhile."""

    name: str
    joined: Joined
    calm: Run
    beside: Run

    def __str__(self) -> str:
        return (
            f"{self.name:<24} {CROWD - self.joined.failed} joined in {self.joined.seconds:.2f} s, the slowest in"
            f" {self.joined.slowest:.0f} ms; p99 of a room beside {self.beside.p99:.1f} ms, {self.calm.p99:.1f} before,"
            f" lost {self.beside.lost}"
        )


def measure_slow(place: Place, contender: Contender) -> list[Slow]:
    """Measure with and without, each time with a server of its own; over Socket.IO also with one who never polls."""
    alone, mib_alone, _ = _speak(place, contender)
    found = []
    for name, more in (("", {"slow": 1}), (", polling", {"polling": 1})):
        if name and contender.name != ours.SOCKET_IO_BUS:
            continue
        beside, mib_beside, is_cut = _speak(place, contender, **more)
        found.append(Slow(contender.name + name, alone, beside, mib_alone, mib_beside, is_cut))
    return found


def _speak(place: Place, contender: Contender, slow: int = 0, polling: int = 0) -> tuple[Run, float, bool]:
    members = contender.members(0, MEMBERS + slow + polling)
    with (
        running(contender, place) as server,
        loading(place, server, members[: MEMBERS + slow], size=SLOW_BYTES, senders=1, slow=slow) as load,
    ):
        load.wait_joined()
        silent = [Polling.joined(server.port, member) for member in members[MEMBERS + slow :]]
        before = server.settled_kib()
        with _watched(server) as samples:
            run = load.pace(SLOW_EVENTS, warm=WARM_SECONDS, seconds=SLOW_SECONDS)
        is_cut = bool(load.drain()) if slow else any(each.is_cut() for each in silent)
        return run, (max(samples) - before) / 1024, is_cut


@contextmanager
def _watched(server: Server) -> Iterator[list[int]]:
    """Collect the server's memory now and then while the block runs."""
    samples, over = [server.kib()], threading.Event()

    def sample() -> None:
        while not over.wait(SAMPLE_SECONDS):
            samples.append(server.kib())

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        over.set()
        thread.join()


def measure_burst(place: Place, contender: Contender) -> Burst:
    """Have a thousand join twenty rooms within 5 s, and watch a room beside them."""
    crowd: list[Member] = []
    for room in range(1, CROWD_ROOMS + 1):
        crowd += contender.members(room, CROWD // CROWD_ROOMS)
    with running(contender, place) as server, loading(place, server, contender.members(0, NEIGHBOURS)) as neighbours:
        neighbours.wait_joined()
        calm = neighbours.pace(NEIGHBOUR_EVENTS, warm=WARM_SECONDS, seconds=CROWD_SECONDS)
        neighbours.start_pace(NEIGHBOUR_EVENTS, warm=0, seconds=CROWD_SECONDS + 1)
        with loading(place, server, crowd, within=CROWD_SECONDS) as load:
            joined = load.wait_joined()
            return Burst(contender.name, joined, calm, neighbours.finish())
