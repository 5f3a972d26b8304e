"""Starting, sharing and stopping the embedded parts, by several commands at once."""

import fcntl
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import IO

from config.lib.embedded import postgres, redis_server
from config.lib.embedded.errors import EmbeddedError
from config.lib.embedded.layout import Layout, locate, make_folders
from config.lib.supervise import Identity, Program, end_process, identify, last_line, read_record, record_path, spawn

START_SECONDS = 60.0
# A restart by a running `serve` may be waiting for its delay.
SERVE_SECONDS = 90.0
_numbers = itertools.count()


def wanted_services(*, database: bool, redis: bool) -> list[ModuleType]:
    return [*([postgres] if database else []), *([redis_server] if redis else [])]


@contextmanager
def hold_lock(path: Path, *, seconds: float | None = None) -> Iterator[bool]:
    """Hold an exclusive file lock; with `seconds`, try for so long and say whether it could be had."""
    with path.open("a") as file:
        if seconds is None:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield True
        else:
            yield _try_lock(file, time.monotonic() + seconds)


def _try_lock(file: IO[str], deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.05)
        else:
            return True


def start_lock(layout: Layout) -> Path:
    return layout.run_dir / "start.lock"


def serve_lock(layout: Layout) -> Path:
    return layout.run_dir / "serve.lock"


def is_serving(layout: Layout) -> bool:
    with hold_lock(serve_lock(layout), seconds=0) as was_free:
        return not was_free


def owned_elsewhere(layout: Layout, name: str) -> Identity | None:
    """Return the running process of a part that a living command started."""
    record = read_record(layout.run_dir, name)
    return record.process if record and not record.is_stray and record.process.is_alive() else None


def end_leftover(layout: Layout, name: str) -> None:
    record = read_record(layout.run_dir, name)
    if record:
        end_process(record.process, record.stop_signal, postgres.GRACE_SECONDS)
        record_path(layout.run_dir, name).unlink(missing_ok=True)


def wait_for(service: ModuleType, layout: Layout, popen: subprocess.Popen[bytes] | None, seconds: float) -> None:
    """Wait until the part answers; its own last words explain why it does not."""
    deadline = time.monotonic() + seconds
    while not service.is_answering(layout):
        if (popen and popen.poll() is not None) or time.monotonic() > deadline:
            log = layout.logs_dir / f"{service.NAME}.log"
            raise EmbeddedError(f"{service.NAME} does not answer; its last words were: {last_line(log)} ({log})")
        time.sleep(0.02)


def _start(service: ModuleType, layout: Layout) -> tuple[Program, subprocess.Popen[bytes]]:
    end_leftover(layout, service.NAME)
    program: Program = service.prepare(layout)
    layout = locate(layout.data_dir)
    service.tidy(layout)
    popen = spawn(program, layout.run_dir)
    try:
        wait_for(service, layout, popen, START_SECONDS)
    except EmbeddedError:
        _stop(layout, program, popen)
        raise
    return program, popen


def _stop(layout: Layout, program: Program, popen: subprocess.Popen[bytes]) -> None:
    popen.send_signal(program.stop_signal)
    try:
        popen.wait(program.grace)
    except subprocess.TimeoutExpired:
        popen.send_signal(signal.SIGKILL)
        popen.wait()
    record_path(layout.run_dir, program.name).unlink(missing_ok=True)


@contextmanager
def _registered(layout: Layout) -> Iterator[None]:
    """Note that this process uses the parts, for as long as it does."""
    folder = layout.run_dir / "users"
    folder.mkdir(mode=0o700, exist_ok=True)
    entry = folder / f"{os.getpid()}-{next(_numbers)}"
    me = identify(os.getpid())
    entry.write_text(json.dumps(asdict(me)) if me else "")
    try:
        yield
    finally:
        entry.unlink(missing_ok=True)


def _other_user(layout: Layout) -> int | None:
    """Return the pid of another living command that uses the parts."""
    for entry in (layout.run_dir / "users").glob("*"):
        try:
            user = Identity(**json.loads(entry.read_text()))
        except (OSError, ValueError, TypeError):
            continue
        if user.pid != os.getpid() and user.is_alive():
            return user.pid
    return None


def _stop_when_unused(layout: Layout, started: list[tuple[Program, subprocess.Popen[bytes]]]) -> None:
    """Stop what this command started, but not under the hands of another command that found it running."""
    has_told = False
    while started:
        with hold_lock(start_lock(layout)):
            other = _other_user(layout)
            if other is None:
                while started:
                    _stop(layout, *started.pop())
                return
        if not has_told:
            print(f"Waiting for the command with pid {other}, which uses the database.", file=sys.stderr)  # noqa: T201
            has_told = True
        time.sleep(0.2)


@contextmanager
def ensure(data_dir: Path, *, database: bool = True, redis: bool = True) -> Iterator[Layout]:
    """Have the embedded parts running inside the block: find them or start them, and stop only what was started.

    Any number of commands may do this at once. Where `serve` runs, the parts are its own and are waited for.

    Raises: EmbeddedError.
    """
    layout = make_folders(data_dir)
    started: list[tuple[Program, subprocess.Popen[bytes]]] = []
    try:
        with _registered(layout):
            with hold_lock(start_lock(layout)):
                for service in wanted_services(database=database, redis=redis):
                    if is_serving(layout):
                        wait_for(service, locate(data_dir), None, SERVE_SECONDS)
                    elif owned_elsewhere(layout, service.NAME):
                        wait_for(service, locate(data_dir), None, START_SECONDS)
                    else:
                        started.append(_start(service, layout))
            yield locate(data_dir)
    finally:
        _stop_when_unused(locate(data_dir), started)
