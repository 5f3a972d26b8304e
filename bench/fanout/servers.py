"""A contender as a running process: started on its core, asked what it has used, stopped."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.fanout.contenders import Contender
from bench.fanout.place import Place
from bench.rest.contenders import ROOT, on_core
from tests.system.processes import free_port

READY_SECONDS = 60
STOP_SECONDS = 5
# Time for what a server does after somebody has come.
SETTLE_SECONDS = 0.5


@dataclass(frozen=True)
class Server:
    contender: Contender
    port: int
    family: tuple[psutil.Process, ...]

    def cpu(self) -> float:
        """Add up the seconds of CPU that the processes have used."""
        return float(sum(sum(process.cpu_times()[:2]) for process in self.family))

    def settled_kib(self) -> int:
        """Read the memory when it no longer moves."""
        time.sleep(SETTLE_SECONDS)
        return self.kib()

    def kib(self) -> int:
        """Read the memory as it is: PSS, so that what processes share counts once, without that of files, which changes
        when other processes use them."""
        return sum(_pss(process.pid) for process in self.family)


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:"))


@contextmanager
def running(contender: Contender, place: Place) -> Iterator[Server]:
    port, log = free_port(), place.folder / f"{contender.name.replace(' ', '-')}.log"
    command = [word.replace("{port}", str(port)) for word in contender.command]
    env = {**os.environ, **contender.env, "PORT": str(port)}
    with log.open("wb") as file, on_core(place.server_core):
        popen = subprocess.Popen(command, cwd=ROOT, env=env, stdout=file, stderr=file)
    try:
        _wait_for(contender.name, popen, port, log)
        process = psutil.Process(popen.pid)
        yield Server(contender, port, (process, *process.children(recursive=True)))
    finally:
        _stop(popen)


def _wait_for(name: str, popen: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and popen.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise SystemExit(f"{name} does not listen: {log.read_text()[-2000:]}")


def _stop(popen: "subprocess.Popen[bytes]") -> None:
    popen.terminate()
    try:
        popen.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        popen.kill()
        popen.wait()
