"""Keeping named child processes alive, and stopping all of them in order and in time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from config.lib.supervise.logs import ChildLog
from config.lib.supervise.process import (
    PR_SET_CHILD_SUBREAPER,
    Identity,
    Program,
    children_of,
    identify,
    kill_session,
    prctl,
    record_path,
    spawn,
)

STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
FIRST_DELAY = 0.25
LONGEST_DELAY = 15.0
# A program that lived this long has recovered: its next death starts with the first delay again.
STEADY_SECONDS = 10.0
TICK_SECONDS = 1.0


class StopRequested(Exception):
    """Somebody asked the supervisor to stop while it was waiting for something else."""


def write_to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def nothing() -> None:
    pass


@dataclass
class Child:
    """A program with its present life, if any."""

    program: Program
    # Runs before every start, for what must be tidied first.
    prepare: Callable[[], None] = nothing
    # Whether the program's warnings are worth repeating to the operator.
    is_heard: bool = True
    popen: subprocess.Popen[bytes] | None = None
    process: Identity | None = None
    started_at: float = 0.0
    start_due: float = 0.0
    delay: float = FIRST_DELAY
    deaths: int = 0
    log: ChildLog = field(init=False)

    def __post_init__(self) -> None:
        self.log = ChildLog(self.program.name, self.program.log, write_to_stderr)


def describe_exit(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


class Supervisor:
    """Owns children in order of start; one thread, no event loop: it sleeps until a signal or the next tick.

    The signals stay blocked and are taken out one by one, so that nothing is interrupted half-way.
    """

    def __init__(self, run_dir: Path) -> None:
        self.run_dir = run_dir
        self.children: list[Child] = []
        # A child that runs once and is not started again.
        self.task: Child | None = None
        self.is_stopping = False
        self.next_rotation = 0.0
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS | {signal.SIGCHLD})
        # Grandchildren whose parent was killed become ours, so that they are reaped and none is lost sight of.
        prctl(PR_SET_CHILD_SUBREAPER, 1)

    def add(self, child: Child) -> Child:
        """Start a child and keep it running from now on."""
        self.children.append(child)
        self._start(child)
        return child

    def adopt(self, child: Child, process: Identity) -> Child:
        """Watch a process that somebody else owns, and start our own once it is gone."""
        self.children.append(child)
        child.process = process
        return child

    def run(self, program: Program) -> int:
        """Run a program to its end while the children are kept alive; return its exit code."""
        self.task = task = Child(program)
        popen = self._start(task)
        while popen.returncode is None:
            self.tick()
        self._tend_logs()
        self.task = None
        return popen.returncode

    def run_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Keep the children alive until the condition holds; say whether it did in time."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                return False
            self.tick(longest=0.1)
        return True

    def run_forever(self) -> None:
        while True:
            self.tick()

    def tick(self, longest: float = TICK_SECONDS) -> None:
        """Sleep until something happens, then set right what has changed.

        Raises: StopRequested.
        """
        due = [child.start_due - time.monotonic() for child in self.children if child.process is None]
        received = signal.sigtimedwait(STOP_SIGNALS | {signal.SIGCHLD}, max(0.0, min([longest, *due])))
        if received and received.si_signo in STOP_SIGNALS and not self.is_stopping:
            raise StopRequested(signal.Signals(received.si_signo).name)
        self._reap()
        self._notice_adopted()
        self._restart_due()
        self._tend_logs()

    def _everyone(self) -> list[Child]:
        return [*self.children, self.task] if self.task else self.children

    def _start(self, child: Child) -> subprocess.Popen[bytes]:
        child.prepare()
        child.popen = spawn(child.program, self.run_dir)
        # A child that is already dead has no identity left; its pid is enough until it is reaped.
        child.process = identify(child.popen.pid) or Identity(child.popen.pid, "")
        child.started_at = time.monotonic()
        return child.popen

    def _reap(self) -> None:
        by_pid = {child.popen.pid: child for child in self._everyone() if child.popen}
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if child := by_pid.get(pid):
                self._note_death(child, os.waitstatus_to_exitcode(status))

    def _note_death(self, child: Child, code: int) -> None:
        assert child.popen is not None  # noqa: S101
        child.popen.returncode = code
        if child.process:
            kill_session(child.process)
        child.popen, child.process = None, None
        record_path(self.run_dir, child.program.name).unlink(missing_ok=True)
        if child in self.children and not self.is_stopping:
            self._schedule(child, describe_exit(code))

    def _schedule(self, child: Child, reason: str) -> None:
        child.deaths += 1
        if time.monotonic() - child.started_at > STEADY_SECONDS:
            child.delay = FIRST_DELAY
        child.start_due = time.monotonic() + child.delay
        child.delay = min(child.delay * 2, LONGEST_DELAY)
        write_to_stderr(f"{child.program.name} {reason}; starting it again")

    def _notice_adopted(self) -> None:
        for child in self.children:
            if child.popen is None and child.process and not child.process.is_alive():
                child.process = None
                self._schedule(child, "was stopped by its owner")

    def _restart_due(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.process is None and child.start_due <= now and not self.is_stopping:
                self._start(child)

    def _tend_logs(self) -> None:
        for child in self._everyone():
            if child.is_heard:
                child.log.follow()
        if time.monotonic() >= self.next_rotation:
            self.next_rotation = time.monotonic() + 60
            for child in self._everyone():
                child.log.rotate()

    def stop(self, *tiers: Sequence[str]) -> None:
        """Stop the named children tier by tier, the rest last; a running task goes with the first ones."""
        self.is_stopping = True
        for names in tiers:
            self._stop_all([child for child in self._everyone() if child is self.task or child.program.name in names])
        self._stop_all(self._everyone())
        self._kill_orphans()

    def _kill_orphans(self) -> None:
        """Kill what outlived its parent, in whatever session; such processes became our children, and theirs will."""
        while pids := children_of(os.getpid()):
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            signal.sigtimedwait({signal.SIGCHLD}, 0.1)
            self._reap()

    def _stop_all(self, children: Sequence[Child]) -> None:
        """Ask all at once, then kill each one when its time is up."""
        running = [child for child in children if child.popen]
        begun = time.monotonic()
        for child in running:
            self._send(child, child.program.stop_signal)
        while running:
            for child in running:
                if time.monotonic() - begun > child.program.grace:
                    self._send(child, signal.SIGKILL)
            signal.sigtimedwait(STOP_SIGNALS | {signal.SIGCHLD}, 0.1)
            self._reap()
            running = [child for child in running if child.popen]

    def _send(self, child: Child, number: signal.Signals) -> None:
        if child.popen:
            os.kill(child.popen.pid, number)
