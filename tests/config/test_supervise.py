"""Knowing processes again, ending what an owner left behind, and keeping logs short."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict

import psutil
import pytest

from config.lib.supervise import Identity, Program, end_strays, identify, last_line, read_record, record_path, spawn
from config.lib.supervise.logs import ROTATE_BYTES, ChildLog
from tests.system.processes import still_running, wait_until

# Its child stays in its session, and neither ends when asked.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("up", flush=True)
time.sleep(60)
"""


@pytest.fixture
def stubborn(tmp_path):
    """A program that was started by a process which is gone, with its child."""
    log = tmp_path / "stubborn.log"
    popen = spawn(Program("stubborn", (sys.executable, "-c", STUBBORN), log), tmp_path)
    wait_until(lambda: "up" in log.read_text(), 20, "the program is up")
    record = read_record(tmp_path, "stubborn")
    assert record is not None
    entry = asdict(record) | {"owner": {"pid": os.getpid(), "started": "another boot:1"}}
    record_path(tmp_path, "stubborn").write_text(json.dumps(entry))
    yield popen
    popen.kill()
    popen.wait()


def test_identity_tells_two_lives_of_a_pid_apart():
    me = identify(os.getpid())

    assert me is not None
    assert me.is_alive()
    assert not Identity(me.pid, "another boot:1").is_alive()


def test_ended_process_has_no_identity_before_it_is_reaped():
    popen = subprocess.Popen(["/bin/true"])
    os.waitid(os.P_PID, popen.pid, os.WEXITED | os.WNOWAIT)

    assert identify(popen.pid) is None
    popen.wait()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"process": {"pid": 1}}'])
def test_torn_record_says_nothing(tmp_path, text):
    record_path(tmp_path, "web").write_text(text)

    assert read_record(tmp_path, "web") is None


def test_strays_end_with_their_children(tmp_path, stubborn):
    family = [psutil.Process(stubborn.pid), *psutil.Process(stubborn.pid).children()]

    ended = end_strays(tmp_path, grace=0.2)

    assert ended == ["stubborn"]
    assert len(family) == 2
    wait_until(lambda: not still_running(family), 5, "both are gone")
    assert not record_path(tmp_path, "stubborn").exists()


def test_children_of_a_dead_stray_end_too(tmp_path, stubborn):
    (child,) = psutil.Process(stubborn.pid).children()
    os.kill(stubborn.pid, signal.SIGKILL)
    stubborn.wait()

    ended = end_strays(tmp_path, grace=0.2)

    assert ended == []
    wait_until(lambda: not still_running([child]), 5, "the child is gone")


def test_processes_of_a_living_owner_are_left_alone(tmp_path):
    popen = spawn(Program("sleep", ("/bin/sleep", "60"), tmp_path / "sleep.log"), tmp_path)

    ended = end_strays(tmp_path)

    assert ended == []
    assert popen.poll() is None
    popen.kill()
    popen.wait()


def test_log_repeats_whole_new_warnings_only(tmp_path):
    path, said = tmp_path / "web.log", []
    path.write_text("WARNING from an earlier run\n")
    log = ChildLog("web", path, said.append)
    with path.open("a") as file:
        file.write("all is well\nERROR: it broke\nWARNING: not yet who")

    log.follow()
    with path.open("a") as file:
        file.write("le\n")
    log.follow()
    log.follow()

    assert said == ["web: ERROR: it broke", "web: WARNING: not yet whole"]


def test_large_log_is_set_aside_and_goes_on(tmp_path):
    path, said = tmp_path / "web.log", []
    with path.open("ab") as child:
        child.write(b"x" * ROTATE_BYTES)
        child.flush()
        log = ChildLog("web", path, said.append)

        log.rotate()
        child.write(b"ERROR: afterwards\n")
        child.flush()
        log.follow()

    assert path.read_bytes() == b"ERROR: afterwards\n"
    assert (tmp_path / "web.log.1").stat().st_size == ROTATE_BYTES
    assert said == ["web: ERROR: afterwards"]


def test_last_line_is_the_last_that_says_something(tmp_path):
    (tmp_path / "log").write_text("first\nlast\n\n")

    assert last_line(tmp_path / "log") == "last"
    assert last_line(tmp_path / "none") == ""
