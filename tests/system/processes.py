"""A whole system of its own for a test: `manage.py serve` as a child process, on a free port and a new data folder."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx
import psutil
from django.conf import settings

from config.lib import embedded
from config.lib.embedded.services import hold_lock
from config.lib.supervise import read_record
from config.serve import programs
from config.serve.endpoints import Endpoint

ROOT = Path(__file__).resolve().parent.parent.parent
READY_SECONDS = 120
STOP_SECONDS = 10
READY_LINE = "Tertulia is ready at "
NOT_INHERITED = {
    *("DATA_DIR", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "CONFIG_FILE", "DEMO", "DJANGO_SETTINGS_MODULE"),
    # Coverage is counted in the processes of the tests alone: systems run as fast as they do elsewhere.
    *("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"),
}

Found = TypeVar("Found")


@dataclass
class RunningSystem:
    """A `serve` that has said it is ready."""

    popen: subprocess.Popen[str]
    base_url: str
    data_dir: Path
    lines: list[str]

    def pid(self, name: str) -> int | None:
        """Return the pid of a living child: web, web-tls, worker, postgres or redis."""
        record = read_record(self.data_dir / "run", name)
        return record.process.pid if record and record.process.is_alive() else None

    def pids(self) -> dict[str, int]:
        names = (path.stem for path in (self.data_dir / "run").glob("*.pid"))
        return {name: pid for name in names if (pid := self.pid(name))}

    def kill(self, name: str) -> int:
        """Kill a child as hard as it goes; return the pid that it had."""
        pid = self.pid(name)
        assert pid is not None, f"{name} does not run"
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_for_restart(self, name: str, old_pid: int, seconds: float = 20) -> int:
        return wait_until(
            lambda: (pid := self.pid(name)) and pid != old_pid and pid, seconds, f"{name} is running again"
        )

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.base_url}/health/ready", timeout=5, verify=False).status_code == 200  # noqa: S501
        except httpx.HTTPError:
            return False

    def wait_until_ready(self, seconds: float = 30) -> None:
        wait_until(self.is_ready, seconds, "the system is ready again")

    def processes(self) -> list[psutil.Process]:
        """List `serve` and all that descends from it."""
        serve = psutil.Process(self.popen.pid)
        return [serve, *serve.children(recursive=True)]

    def stop(self) -> float:
        """Ask `serve` to stop; return the seconds it took."""
        begun = time.monotonic()
        if self.popen.poll() is None:
            self.popen.terminate()
        try:
            self.popen.wait(STOP_SECONDS + 5)
        finally:
            self.popen.kill()
        return time.monotonic() - begun


def wait_until(condition: Callable[[], Found], seconds: float, what: str) -> Found:
    """Poll until the condition gives something true, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"in vain for {seconds} s: {what}"
        time.sleep(0.05)
    return found


def still_running(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def remove_data(data_dir: Path) -> None:
    """Remove a data folder, and what lies outside it because of its path or the user."""
    layout = embedded.locate(data_dir)
    for path in (layout.pg_home, layout.pg_socket_dir, layout.redis_socket_dir, layout.data_dir):
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def new_data_dir(depth: int = 0) -> Iterator[Path]:
    """Give a path for a data folder, which does not exist yet, `depth` bytes deeper than need be."""
    top = Path(tempfile.mkdtemp(prefix="tertulia-serve-"))
    # PostgreSQL's user must get through to the data folder, which would else go elsewhere.
    top.chmod(0o711)
    data_dir = top.joinpath(*["d" * 20] * (depth // 21), "data")
    try:
        yield data_dir
    finally:
        remove_data(data_dir)
        shutil.rmtree(top, ignore_errors=True)


def _prepared() -> Path | None:
    """Give a data folder as a first start leaves it, made once for all processes of a run of the tests.

    None where nothing shares a folder, and where the database could not lie in it.
    """
    shared = os.environ.get("TESTS_SHARED_DIR")
    if not shared:
        return None
    data_dir = Path(shared) / "prepared"
    data_dir.parent.mkdir(mode=0o711, exist_ok=True)
    with hold_lock(data_dir.with_suffix(".lock")):
        if not data_dir.exists():
            _prepare(data_dir)
    return None if embedded.locate(data_dir).elsewhere.exists() else data_dir


def _prepare(data_dir: Path) -> None:
    new = data_dir.with_suffix(".new")
    made = run_manage(new, "migrate", "--no-input", "--verbosity", "0")
    assert made.returncode == 0, made.stderr
    for name in ("run", "logs", "redis"):
        shutil.rmtree(new / name)
    new.rename(data_dir)


def clean_environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if key not in NOT_INHERITED}
    # Tests knock as often as they like, from one address; those of the limits themselves name their own.
    unlimited = dict.fromkeys(settings.RATES, "1000000/m")
    return {**inherited, **unlimited, **(env or {})}


def stderr_path(data_dir: Path, port: int) -> Path:
    return data_dir.parent / f"serve-{port}.stderr"


def start_serve(
    data_dir: Path, port: int, *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    argv = [sys.executable, "manage.py", "serve", "--port", str(port), "--data", str(data_dir), *arguments]
    with stderr_path(data_dir, port).open("a") as errors:
        return subprocess.Popen(
            argv, cwd=ROOT, env=clean_environment(env), stdout=subprocess.PIPE, stderr=errors, text=True
        )


def read_until_ready(popen: subprocess.Popen[str]) -> list[str]:
    """Collect the printed lines up to the one that says where the system is."""
    assert popen.stdout is not None
    lines = []
    for line in popen.stdout:
        lines.append(line.rstrip("\n"))
        if line.startswith(READY_LINE):
            return lines
    raise AssertionError(f"serve ended with code {popen.wait()} and said {lines}")


@contextmanager
def serving(
    data_dir: Path | None = None, *arguments: str, port: int = 0, env: Mapping[str, str] | None = None
) -> Iterator[RunningSystem]:
    """Run the whole system while the block lasts; in a folder of its own, which has seen its first start, unless one
    is given."""
    with new_data_dir() as own_dir:
        if data_dir is None and (prepared := _prepared()):
            subprocess.run(["cp", "-a", "--reflink=auto", str(prepared), str(own_dir)], check=True)
        data_dir = data_dir or own_dir
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        port = port or free_port()
        popen = start_serve(data_dir, port, *arguments, env=env)
        try:
            try:
                lines = read_until_ready(popen)
            except AssertionError as error:
                error.add_note(stderr_path(data_dir, port).read_text())
                raise
            system = RunningSystem(popen, lines[-1].removeprefix(READY_LINE), data_dir, lines)
            yield system
        finally:
            if popen.poll() is None:
                popen.terminate()
                with suppress(subprocess.TimeoutExpired):
                    popen.wait(STOP_SECONDS + 5)
                popen.kill()
            popen.wait()
            assert popen.stdout is not None
            popen.stdout.close()


@contextmanager
def second_web(system: RunningSystem, *, env: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run one more web process of a system, as a larger installation has several; give its address."""
    port = free_port()
    endpoint = Endpoint("web-2", "127.0.0.1", port)
    own = {"DATA_DIR": str(system.data_dir), "DJANGO_SETTINGS_MODULE": "config.settings"}
    program = programs.web(endpoint, embedded.locate(system.data_dir), clean_environment({**own, **(env or {})}))
    popen = subprocess.Popen(program.argv, cwd=ROOT, env=program.env)
    base_url = endpoint.url
    try:
        wait_until(lambda: _answers(base_url), 60, "the second web process answers")
        yield base_url
    finally:
        popen.terminate()
        popen.wait(STOP_SECONDS)


def _answers(base_url: str) -> bool:
    try:
        return httpx.get(f"{base_url}/health/live", timeout=5).is_success
    except httpx.HTTPError:
        return False


def run_manage(
    data_dir: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run another command on a data folder, whether or not a system runs on it."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=clean_environment({"DATA_DIR": str(data_dir), **(env or {})}),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
