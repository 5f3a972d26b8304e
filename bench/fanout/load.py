"""The load client from here: told what to do, asked to do it, and what it says came of it."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from bench.fanout.contenders import Member
from bench.fanout.place import Place
from bench.fanout.servers import Server
from bench.rest.contenders import on_core

EVENT_BYTES = 300


@dataclass(frozen=True)
class Joined:
    """How joining went: `seconds` until all were in, and the milliseconds that it took the `slowest`."""

    failed: int
    seconds: float
    slowest: float


@dataclass(frozen=True)
class Run:
    """What came in the window of a run; `lost` counts over all of the run, and `gone` are connections that broke."""

    deliveries: int
    seconds: float
    cpu: float
    p50: float
    p99: float
    per_event: int
    sent: int
    lost: int
    gone: int
    server_cpu: float

    @property
    def rate(self) -> float:
        return self.deliveries / self.seconds

    @property
    def cost(self) -> float:
        """CPU seconds of the server per million deliveries."""
        return self.server_cpu / self.deliveries * 1e6


class Load:
    """A running load client; its members go on answering pings while nothing is asked of them."""

    def __init__(self, popen: "subprocess.Popen[str]", server: Server) -> None:
        self._popen = popen
        self._server = server
        self._said = cast(IO[str], popen.stdout)

    def wait_joined(self) -> Joined:
        return Joined(**self._answer())

    def flood(self, under_way: int, *, warm: float, seconds: float) -> Run:
        """Keep so many events under way."""
        self._ask(f"flood {under_way} {warm} {seconds}")
        return self.finish()

    def pace(self, events: float, *, warm: float, seconds: float) -> Run:
        """Send so many events a second, whatever comes back."""
        self.start_pace(events, warm=warm, seconds=seconds)
        return self.finish()

    def start_pace(self, events: float, *, warm: float, seconds: float) -> None:
        self._ask(f"pace {events} {warm} {seconds}")

    def finish(self) -> Run:
        """Wait for the end of a run, and look at the server's clock at both edges of its window."""
        self._expect("begin")
        before = self._server.cpu()
        self._expect("end")
        used = self._server.cpu() - before
        run = Run(**self._answer(), server_cpu=used)
        if not run.deliveries:
            raise SystemExit(f"{self._server.contender.name} delivered nothing")
        return run

    def drain(self) -> int:
        """Have slow members read what was left for them; return how many of them were cut off."""
        self._ask("drain")
        return int(self._answer()["cut"])

    def _ask(self, line: str) -> None:
        to = cast(IO[str], self._popen.stdin)
        to.write(f"{line}\n")
        to.flush()

    def _expect(self, word: str) -> None:
        said = self._said.readline().strip()
        if said != word:
            raise SystemExit(f"the load client of {self._server.contender.name} said {said!r} instead of {word!r}")

    def _answer(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self._said.readline())
        return said


@contextmanager
def loading(
    place: Place,
    server: Server,
    members: Sequence[Member],
    *,
    size: int = EVENT_BYTES,
    senders: int = 0,
    slow: int = 0,
    within: float = 0,
) -> Iterator[Load]:
    """Have members connect inside the block; `senders` of them speak, all unless it says less.

    The last `slow` of them stop reading as soon as they have joined. With `within` they come evenly in so many seconds.
    """
    options = {"port": server.port, "senders": senders or len(members) - slow, "slow": slow, "within": within}
    lines = [f"{word} {value}" for word, value in options.items() if value]
    lines += [*server.contender.wire.lines(size), *(f"member {member.room} {member.token}" for member in members)]
    spec = Path(place.folder) / f"{server.port}-{len(members)}.spec"
    spec.write_text("\n".join(lines) + "\n")
    with on_core(place.client_core):
        popen = subprocess.Popen([place.load, str(spec)], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield Load(popen, server)
    finally:
        popen.terminate()
        popen.wait()
        for pipe in (popen.stdin, popen.stdout):
            cast(IO[str], pipe).close()
