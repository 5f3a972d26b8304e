"""Compare how fast, and for how much, an event reaches a whole room.

Run it as `python -m bench.fanout`. It builds the load client and the limit, installs the contenders on Node, and has
the server of the moment on one core and the load on another. Contenders take turns round by round and ratios are taken
within a round, so that whatever else the machine does falls on all. The figure to compare is CPU seconds per million
deliveries: it hardly moves on a busy machine, while deliveries/s then tell who got how much of the core.
"""

import argparse
import sys
from collections.abc import Sequence

from bench.fanout import limits, ours, report, rounds, strain
from bench.fanout.contenders import Contender, others
from bench.fanout.load import EVENT_BYTES
from bench.fanout.place import Place, missing, prepared

SIZES, ROUNDS, SECONDS = (50, 200, 500), 5, 2.0
PARTS = ("rooms", "slow", "burst")


def main(words: Sequence[str]) -> int:
    asked = options().parse_args(words)
    if absent := missing():
        print(f"skipped: {absent}")
        return 0
    has_ours = ours.is_there()
    with prepared(database=has_ours) as place:
        contenders = others(place)
        if has_ours:
            contenders += ours.contenders(rooms=strain.CROWD_ROOMS + 1, people=max(*asked.sizes, strain.CROWD))
        else:
            print(f"ours is left out: there is no {ours.NEEDED} yet")
        chosen = [each for each in contenders if not asked.only or any(part in each.name for part in asked.only)]
        said = [line for size in asked.sizes if "rooms" in asked.parts for line in compare(place, chosen, asked, size)]
        said += strain_all(place, [each for each in chosen if each.is_server], asked.parts)
    return 1 if said else 0


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.fanout", description="One event to a whole room.")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="members of a room")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long each window is")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--only", nargs="+", default=(), help="contenders whose name has one of these in it")
    return parser


def compare(place: Place, contenders: Sequence[Contender], asked: argparse.Namespace, size: int) -> list[str]:
    print(f"\n{size} members, events of {EVENT_BYTES} bytes, {asked.rounds} rounds of {asked.seconds:g} s")
    entries = rounds.compare(place, contenders, size=size, rounds=asked.rounds, seconds=asked.seconds)
    report.print_entries(entries)
    report.print_ratios(entries)
    return told(limits.missed(entries, size))


def strain_all(place: Place, contenders: Sequence[Contender], parts: Sequence[str]) -> list[str]:
    said: list[str] = []
    if "slow" in parts:
        print(f"\n{strain.SLOW_EVENTS:g} events/s of {strain.SLOW_BYTES} bytes to {strain.MEMBERS - 1} others")
        for contender in contenders:
            for slow in strain.measure_slow(place, contender):
                print(slow)
                said += told(limits.missed_slow(slow)) if ours.is_ours(contender) else []
    if "burst" in parts:
        print(f"\n{strain.CROWD} join {strain.CROWD_ROOMS} rooms within {strain.CROWD_SECONDS:g} s")
        for contender in contenders:
            burst = strain.measure_burst(place, contender)
            print(burst)
            said += told(limits.missed_burst(burst)) if ours.is_ours(contender) else []
    return said


def told(missed: list[str]) -> list[str]:
    for line in missed:
        print(f"MISSED: {line}")
    return missed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
