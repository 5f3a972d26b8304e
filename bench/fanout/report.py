"""What is printed: a line for each contender, and ratios pair by pair within a round."""

from collections.abc import Sequence
from statistics import median

from bench.fanout import contenders as theirs
from bench.fanout.rounds import Entry, compared

HEAD = (
    f"{'':<24} {'deliveries/s':>14} {'CPU-s/million':>16} {'at 60 %':>8} {'p50 ms':>7} {'p99 ms':>7} {'same':>7}"
    f" {'KiB/conn':>8} {'server':>7} {'client':>7} {'lost':>5}"
)
# What the others are held against.
BASES = (theirs.SOCKET_IO, theirs.LIMIT, theirs.CHANNELS)


def print_entries(entries: Sequence[Entry]) -> None:
    """Print medians over the rounds; `server` and `client` are how much of their cores they had at capacity,
    `same` is the p99 at as many events a second as 60 % of the first one's capacity are."""
    print(HEAD)
    for entry in entries:
        full, part = [each.full for each in entry.rounds], [each.part for each in entry.rounds]
        print(
            f"{entry.contender.name:<24} {median(run.rate for run in full):14,.0f} "
            f"{_spread([run.cost for run in full], '.2f'):>16} {median(run.cost for run in part):8.2f}"
            f" {median(run.p50 for run in part):7.1f} {median(run.p99 for run in part):7.1f}"
            f" {median(each.p99_same for each in entry.rounds):7.1f} {entry.kib:8.1f}"
            f" {median(run.server_cpu / run.seconds for run in full):7.0%}"
            f" {median(run.cpu / run.seconds for run in full):7.0%}"
            f" {sum(run.lost for run in (*full, *part)):5}"
        )


def print_ratios(entries: Sequence[Entry]) -> None:
    """Print what each does per CPU second against the bases, as min/median/max over the rounds."""
    by_name = {entry.contender.name: entry for entry in entries}
    bases = [by_name[name] for name in BASES if name in by_name]
    for base in bases:
        print(f"{f'against {base.contender.name}:':<28}{'per CPU second':>22}{'deliveries/s':>22}{'p99 at 60 %':>22}")
        for entry in entries:
            if entry is not base:
                ratios = [compared(entry, base, value) for value in ("capacity", "rate", "p99")]
                print(f"  {entry.contender.name:<26}" + "".join(f"{_spread(each, '.2f'):>22}" for each in ratios))


def _spread(values: Sequence[float], form: str) -> str:
    return f"{min(values):{form}}/{median(values):{form}}/{max(values):{form}}"
