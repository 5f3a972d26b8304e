"""Compare the list of 50 meetings with Express + pg doing the same, and with a plain view of REST framework.

Run it as `python -m bench.rest`: it starts a database and a Redis of its own, all three servers on one core, and the
load, the database and Redis on another. Rounds are interleaved and ratios are taken pair by pair, so that whatever else
the machine does falls on all. What decides, and makes the exit code, are requests per second of the servers' CPU: on a
machine that does nothing else that is what a full core answers, and beside other work it hardly moves, while requests/s
then tell who got how much of the core.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import psutil

from bench.rest import given
from bench.rest.contenders import NODE, OURS, PLAIN, Contender, install_express, on_core, running
from bench.rest.rounds import Round, measure
from config.lib import embedded

ROUNDS = 9
# Clients that wait for an answer at any moment.
CONNECTIONS = 16
SECONDS = 3.0
# Enough calls that no limit is ever reached, and all are counted.
UNLIMITED = "100000000/m"
LEAST_RATIOS = {NODE: 0.5, PLAIN: 4.0}
MOST_QUERIES = 6


def main() -> int:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        print("skipped: the servers and the load need a core each, and there is only one")
        return 0
    if shutil.which("node") is None or shutil.which("npm") is None:
        print("skipped: Express needs node and npm, which are not here (Debian: apt-get install nodejs npm)")
        return 0
    with tempfile.TemporaryDirectory(prefix="tertulia-bench-") as folder:
        # PostgreSQL's user must get through to the data folder.
        Path(folder).chmod(0o711)
        express, data_dir = Path(folder) / "express", Path(folder) / "data"
        install_express(express)
        os.environ.update(DATA_DIR=str(data_dir), DJANGO_SETTINGS_MODULE="config.settings", RATE_DEFAULT=UNLIMITED)
        embedded.make_folders(data_dir)
        embedded.ensure_secrets(data_dir)
        with on_core(cores[1]), embedded.ensure(data_dir) as layout:
            return compare(layout, express, cores)


def compare(layout: embedded.Layout, express: Path, cores: Sequence[int]) -> int:
    services = psutil.Process().children()
    asked = given.prepare()
    queries = given.count_queries(asked)
    with running(asked, layout, express, cores[0]) as contenders:
        check_same(contenders, asked)
        rounds: dict[str, list[Round]] = {contender.name: [] for contender in contenders}
        # The first round warms up.
        for number in range(ROUNDS + 1):
            for contender in contenders:
                done = measure(contender, asked, services, core=cores[1], connections=CONNECTIONS, seconds=SECONDS)
                rounds[contender.name] += [done] if number else []
    for name, measured in rounds.items():
        report(name, measured)
    print(f"{OURS}: {queries} queries (at most {MOST_QUERIES})")
    holds = [hold(rounds, other, least) for other, least in LEAST_RATIOS.items()]
    return 0 if all(holds) and queries <= MOST_QUERIES else 1


def check_same(contenders: Sequence[Contender], asked: given.Given) -> None:
    """Make sure that the first two answer the same to the last character of a value, and the third as many rows."""
    answers = {contender.name: contender.get(asked.path, asked.token) for contender in contenders}
    ours, node, plain = answers[OURS], answers[NODE], answers[PLAIN]
    assert ours.json() == node.json(), "the two do not answer the same"
    assert ours.headers["link"] == node.headers["link"]
    assert len(ours.json()["data"]) == len(plain.json()["results"]) == given.LIMIT
    print(f"{OURS} and {NODE} answer the same {len(ours.content)} bytes of JSON, {PLAIN} {len(plain.content)}")


def report(name: str, rounds: Sequence[Round]) -> None:
    """Print what a contender did; with its own core busy and the other not, the server is what was measured."""
    print(
        f"{name:<12} {spread([each.rate for each in rounds], '.0f'):>14} requests/s,"
        f" {median(each.cpu_ms for each in rounds):5.2f} ms CPU a request,"
        f" p50 {median(each.p50 for each in rounds):5.1f} ms, p99 {median(each.p99 for each in rounds):5.1f} ms;"
        f" its core busy {median(each.server_busy for each in rounds):.0%},"
        f" the other: load {median(each.load_busy for each in rounds):.0%},"
        f" services {median(each.services_busy for each in rounds):.0%}"
    )


def hold(rounds: dict[str, list[Round]], other: str, least: float) -> bool:
    pairs = list(zip(rounds[OURS], rounds[other], strict=True))
    rates = [ours.rate / theirs.rate for ours, theirs in pairs]
    costs = [theirs.cpu_ms / ours.cpu_ms for ours, theirs in pairs]
    print(
        f"{OURS} / {other:<12} {spread(costs, '.2f')} of the requests per CPU second (at least {least}),"
        f" {spread(rates, '.2f')} of the requests/s"
    )
    return median(costs) >= least


def spread(values: Sequence[float], form: str) -> str:
    return f"{min(values):{form}}/{median(values):{form}}/{max(values):{form}}"


if __name__ == "__main__":
    sys.exit(main())
