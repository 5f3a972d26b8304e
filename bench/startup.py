"""Measure a newcomer's wait: `make run` in a fresh clone with a warm pip cache, then what the idle system weighs.

Run it as `python -m bench.startup`. It clones the committed state of this repository into a temporary folder.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

from bench.recognition import memory_mb
from tests.system.processes import READY_LINE, free_port

ROOT = Path(__file__).resolve().parent.parent
ALLOWED_SECONDS = 90
ALLOWED_MB = 500
# The demo is recognised first; idle is what comes after.
SETTLE_SECONDS = 60


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="tertulia-clone-") as folder:
        Path(folder).chmod(0o711)
        clone = Path(folder) / "tertulia"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        begun = time.monotonic()
        command = ["make", "run", f"PORT={free_port()}"]
        with subprocess.Popen(
            command, cwd=clone, stdout=subprocess.PIPE, text=True, env=clean_environment(), start_new_session=True
        ) as popen:
            try:
                wait_for_line(popen)
                ready = time.monotonic() - begun
                time.sleep(SETTLE_SECONDS)
                processes = [psutil.Process(popen.pid), *psutil.Process(popen.pid).children(recursive=True)]
                weight = memory_mb(processes)
                report(processes)
            finally:
                stopped = stop(popen)
    print(f"ready after {ready:.1f} s (at most {ALLOWED_SECONDS})")
    print(f"idle: {weight:.0f} MB (at most {ALLOWED_MB}); stopped in {stopped:.1f} s")
    return 0 if ready <= ALLOWED_SECONDS and weight <= ALLOWED_MB else 1


def clean_environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key not in ("DATA_DIR", "VIRTUAL_ENV")}


def wait_for_line(popen: "subprocess.Popen[str]") -> None:
    assert popen.stdout is not None
    for line in popen.stdout:
        if line.startswith(READY_LINE):
            return
    raise SystemExit("it never became ready")


def report(processes: list[psutil.Process]) -> None:
    for process in processes:
        # Backends of the database come and go.
        with suppress(psutil.NoSuchProcess):
            name = " ".join(process.cmdline())[-60:].strip()
            print(f"  {process.memory_full_info().pss / 1e6:6.1f} MB  {name or process.name()}")


def stop(popen: "subprocess.Popen[str]") -> float:
    begun = time.monotonic()
    os.killpg(popen.pid, signal.SIGINT)
    popen.wait(30)
    return time.monotonic() - begun


if __name__ == "__main__":
    sys.exit(main())
