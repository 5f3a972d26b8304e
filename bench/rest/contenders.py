"""The three servers: how each is started on a core of its own, and how much of it a process has used."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from bench.rest.given import Given
from config.lib import embedded
from tests.system.processes import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
EXPRESS = Path(__file__).resolve().parent / "express"
READY_SECONDS = 60
OURS, NODE, PLAIN = "ours", "Express + pg", "plain view"
# While some threads wait for the database or for Redis another works.
THREADS = 4
COMMANDS = {
    OURS: [
        *(sys.executable, "-m", "granian", "config.wsgi:application", "--interface", "wsgi", "--workers", "1"),
        *("--blocking-threads", str(THREADS), "--no-ws", "--log-level", "error"),
    ],
    PLAIN: [
        *(sys.executable, "-m", "uvicorn", "bench.rest.plain:application"),
        *("--no-access-log", "--log-level", "warning"),
    ],
}


@dataclass(frozen=True)
class Contender:
    name: str
    port: int
    process: psutil.Process

    def get(self, path: str, token: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=10)


def cpu_seconds(processes: Iterable[psutil.Process]) -> float:
    """Add up what processes and their children have used."""
    family = [member for process in processes for member in (process, *process.children(recursive=True))]
    return float(sum(sum(member.cpu_times()[:2]) for member in family))


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Have what is started inside the block run on one core, since processes inherit that of their parent."""
    all_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_cores)


def install_express(folder: Path) -> None:
    """Fetch the pinned packages into a folder that goes away with the run."""
    shutil.copytree(EXPRESS, folder)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)


@contextmanager
def running(given: Given, layout: embedded.Layout, express: Path, core: int) -> Iterator[list[Contender]]:
    """Run all three inside the block; each waits, without work, while another is asked."""
    commands = {OURS: COMMANDS[OURS], NODE: ["node", str(express / "server.js")], PLAIN: COMMANDS[PLAIN]}
    started: list[subprocess.Popen[bytes]] = []
    try:
        contenders = []
        for name, command in commands.items():
            port = free_port()
            options = [] if name == NODE else ["--port", str(port)]
            with on_core(core):
                started.append(_start([*command, *options], _environment(given, layout, port), _log(layout, name)))
            contenders.append(Contender(name, port, psutil.Process(started[-1].pid)))
        for contender in contenders:
            _wait_for(contender, given, _log(layout, contender.name))
        yield contenders
    finally:
        for popen in started:
            popen.terminate()
        for popen in started:
            popen.wait()


def _environment(given: Given, layout: embedded.Layout, port: int) -> dict[str, str]:
    database = embedded.database_settings(layout)
    return {
        **os.environ,
        "DATABASE_POOL": "True",
        # The rest is Express's.
        "PORT": str(port),
        "PGHOST": database["HOST"],
        "PGDATABASE": database["NAME"],
        "PGUSER": database["USER"],
        "REDIS_SOCKET": str(layout.redis_socket),
        "JWT_KEY": given.key,
        "PUBLIC_URL": given.public_url,
    }


def _log(layout: embedded.Layout, name: str) -> Path:
    return layout.logs_dir / f"{name}.log"


def _start(command: Sequence[str], env: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as file:
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=file, stderr=file)


def _wait_for(contender: Contender, given: Given, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        with suppress(httpx.HTTPError):
            if contender.get(given.path, given.token).status_code == 200:
                return
        time.sleep(0.1)
    raise SystemExit(f"{contender.name} does not answer: {log.read_text()[-2000:]}")
