"""Read long transcripts over HTTP: how soon the first bytes come, and that memory stays flat however long they are.

Run it as `python -m bench.transcript_stream`: it starts a database, a Redis, and two servers of its own, one under ASGI
and one under WSGI. Each reads a transcript of 10,000 lines, whose first bytes have to come in time, and one of four
times as many; of the memory only what the longer one takes beyond the shorter counts, since a server that has just
started grows with its first requests.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil

from bench.crypto_lines import LINES
from bench.reading import store_lines
from config.lib import embedded
from tests.system.processes import free_port

ROOT = Path(__file__).resolve().parent.parent
LONGER = 4
ROUNDS = 7
READY_SECONDS = 60
ALLOWED_FIRST_MS = 100.0
ALLOWED_GROWTH_MIB = 8.0
SAMPLE_SECONDS = 0.005

SERVERS = {
    "ASGI": [
        *("uvicorn", "config.asgi:application", "--http", "config.serve.http:BoundedHttp"),
        *("--no-access-log", "--log-level", "warning"),
    ],
    "WSGI": [
        *("granian", "config.wsgi:application", "--interface", "wsgi", "--workers", "1"),
        *("--blocking-threads", "2", "--no-ws", "--log-level", "error"),
    ],
}


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="tertulia-bench-") as folder:
        data_dir = Path(folder)
        os.environ.update(DATA_DIR=folder, DJANGO_SETTINGS_MODULE="config.settings", LOG_LEVEL="WARNING")
        embedded.ensure_secrets(data_dir)
        with embedded.ensure(data_dir, database=True, redis=True):
            token, short, long = prepare()
            print(f"{'':<6}{'lines':>8}{'first byte, ms':>16}{'whole, ms':>11}{'MB':>7}{'peak RSS, MiB':>15}")
            results = [measure(name, token, short, long) for name in SERVERS]
    print(f"at most {ALLOWED_FIRST_MS:.0f} ms for {LINES} lines, and {ALLOWED_GROWTH_MIB:.0f} MiB between the two")
    return max(results)


def prepare() -> tuple[str, str, str]:
    """Make the meetings; give an access token of their host and their ids."""
    import django  # noqa: PLC0415 - settings need the data folder that was just made

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - needs the loaded apps
    from django.db import connection  # noqa: PLC0415 - needs the loaded apps

    from accounts import actions  # noqa: PLC0415 - needs the loaded apps
    from accounts.clients import Client  # noqa: PLC0415 - needs the loaded apps
    from accounts.enums import SessionKind  # noqa: PLC0415 - needs the loaded apps
    from meetings.models import Meeting  # noqa: PLC0415 - needs the loaded apps

    call_command("migrate", verbosity=0)
    short, long = store_lines(), store_lines(LINES * LONGER)
    host = Meeting.objects.get(pk=short).host
    token = actions.start_session(by=host, kind=SessionKind.LONG, client=Client()).access
    connection.close()
    return token, short, long


def measure(name: str, token: str, *meetings: str) -> int:
    """Read each meeting a few times from one server; print what it took, and say whether it was too much."""
    firsts, peaks = [], []
    with running(name) as (url, process), httpx.Client(base_url=url, headers=bearer(token), timeout=60) as client:
        for number, meeting in enumerate(meetings):
            path = f"/view-transcript/{meeting}"
            read(client, path)
            with sampled(process) as rss:
                rounds = [read(client, path) for _ in range(ROUNDS)]
            first, whole = (statistics.median(each[n] for each in rounds) for n in (0, 1))
            firsts.append(first)
            peaks.append(max(rss) / 2**20)
            lines = LINES * (LONGER if number else 1)
            print(f"{name:<6}{lines:>8}{first:>16.1f}{whole:>11.0f}{rounds[0][2] / 1e6:>7.1f}{peaks[-1]:>15.1f}")
    return int(firsts[0] > ALLOWED_FIRST_MS or peaks[-1] - peaks[0] > ALLOWED_GROWTH_MIB)


def read(client: httpx.Client, path: str) -> tuple[float, float, int]:
    """Give the milliseconds to the first byte of the body and to its end, and how many bytes it has."""
    began, first, size = time.perf_counter(), 0.0, 0
    with client.stream("GET", path) as answer:
        answer.raise_for_status()
        for part in answer.iter_raw():
            first = first or time.perf_counter()
            size += len(part)
    return (first - began) * 1000, (time.perf_counter() - began) * 1000, size


@contextmanager
def sampled(process: psutil.Process) -> Iterator[list[int]]:
    """Look at the resident memory of a process and its children all the time while the block runs."""
    over, seen = threading.Event(), list[int]()

    def look() -> None:
        while not over.wait(SAMPLE_SECONDS):
            seen.append(sum(each.memory_info().rss for each in (process, *process.children(recursive=True))))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


@contextmanager
def running(name: str) -> Iterator[tuple[str, psutil.Process]]:
    port = free_port()
    command = [sys.executable, "-m", *SERVERS[name], "--port", str(port)]
    popen = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "DATABASE_POOL": "True"})
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/health/live")
        yield url, psutil.Process(popen.pid)
    finally:
        popen.terminate()
        popen.wait()


def wait_for(url: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with suppress(httpx.HTTPError):
            if httpx.get(url, timeout=5).status_code == 200:
                return
        time.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


if __name__ == "__main__":
    sys.exit(main())
