"""Starting one child process so that it cannot outlive its owner, and knowing it again by pid and start time."""

import ctypes
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path

# From linux/prctl.h.
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
# Loaded here, because between fork and exec nothing should be loaded.
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Account:
    """An operating-system user to run as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Program:
    """What to start under a name, and how it wants to be asked to stop."""

    name: str
    argv: tuple[str, ...]
    log: Path
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    # Seconds between the stop signal and SIGKILL.
    grace: float = 3.0


@dataclass(frozen=True)
class Identity:
    """One life of one process: a pid is used again, a pid with its start time and boot is not."""

    pid: int
    started: str

    def is_alive(self) -> bool:
        return identify(self.pid) == self


@dataclass(frozen=True)
class Record:
    """What is written down about a started process, so that whoever comes next can find it."""

    process: Identity
    owner: Identity
    stop_signal: int

    @property
    def is_stray(self) -> bool:
        return not self.owner.is_alive()


@cache
def boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def read_stat(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat that follow the command, which may itself hold spaces and parentheses."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def identify(pid: int) -> Identity | None:
    """Say which process has this pid now; one that has ended and only waits to be reaped counts as gone."""
    fields = read_stat(pid)
    if fields is None or fields[0] in "ZX":
        return None
    return Identity(pid, f"{boot_id()}:{fields[19]}")


def _living() -> Iterator[tuple[int, list[str]]]:
    for name in os.listdir("/proc"):
        fields = read_stat(int(name)) if name.isdigit() else None
        if fields and fields[0] not in "ZX":
            yield int(name), fields


def session_members(leader: int) -> list[int]:
    """List the living processes of the session that `leader` began, whether or not it still lives itself."""
    return [pid for pid, fields in _living() if int(fields[3]) == leader]


def children_of(parent: int) -> list[int]:
    return [pid for pid, fields in _living() if int(fields[1]) == parent]


def kill_session(process: Identity) -> None:
    """Kill what is left of a child's session: each child of ours begins one, and its own children stay in it.

    The kernel gives out no pid that is still a session's number, so members of another life can only be meant
    after a reboot, or once the number belongs to a process with another start time.
    """
    holder = identify(process.pid)
    if process.started.partition(":")[0] != boot_id() or holder not in (None, process):
        return
    for pid in session_members(process.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _bind_to_owner(owner: int, stop_signal: int) -> None:
    """Run in the child before exec: unblock what the supervisor blocks, and end when the supervisor ends.

    The kernel forgets the death signal when the user changes, which is why this runs after that.
    """
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    prctl(PR_SET_PDEATHSIG, stop_signal)
    if os.getppid() != owner:
        os._exit(1)


def prctl(option: int, value: int) -> None:
    _libc.prctl(option, value, 0, 0, 0)


def record_path(run_dir: Path, name: str) -> Path:
    return run_dir / f"{name}.pid"


def write_atomically(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text)
    temporary.replace(path)


def spawn(program: Program, run_dir: Path) -> subprocess.Popen[bytes]:
    """Start the program in a session of its own, bound to this process, and write down who it is.

    Must be called from the main thread: the kernel sends the death signal when the forking thread ends.
    """
    owner = os.getpid()
    account = program.account
    with program.log.open("ab") as log:
        child = subprocess.Popen(
            program.argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=program.env,
            cwd=program.cwd,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=partial(_bind_to_owner, owner, program.stop_signal),
        )
    process, me = identify(child.pid), identify(owner)
    if process and me:
        record = Record(process, me, program.stop_signal)
        write_atomically(record_path(run_dir, program.name), json.dumps(asdict(record)))
    return child


def read_record(run_dir: Path, name: str) -> Record | None:
    try:
        entry = json.loads(record_path(run_dir, name).read_text())
        return Record(Identity(**entry["process"]), Identity(**entry["owner"]), int(entry["stop_signal"]))
    except (OSError, ValueError, KeyError, TypeError):
        # A missing or torn record says nothing about any process.
        return None


def wait_until_gone(process: Identity, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while process.is_alive():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def end_process(process: Identity, stop_signal: int, grace: float) -> None:
    """Ask a process that is no child of ours to stop, then kill it and all that it started."""
    if process.is_alive():
        with suppress(ProcessLookupError):
            os.kill(process.pid, stop_signal)
        wait_until_gone(process, grace)
    kill_session(process)
    wait_until_gone(process, 2.0)


def end_strays(run_dir: Path, grace: float = 5.0) -> list[str]:
    """End what a killed owner left behind, all at once and then one by one; return the names that still ran."""
    found = {path.stem: read_record(run_dir, path.stem) for path in run_dir.glob("*.pid")}
    strays = {name: record for name, record in found.items() if record and record.is_stray}
    running = [name for name, record in strays.items() if record.process.is_alive()]
    for name in running:
        with suppress(ProcessLookupError):
            os.kill(strays[name].process.pid, strays[name].stop_signal)
    for name, record in strays.items():
        wait_until_gone(record.process, grace)
        end_process(record.process, signal.SIGKILL, 0)
        record_path(run_dir, name).unlink(missing_ok=True)
    return running
