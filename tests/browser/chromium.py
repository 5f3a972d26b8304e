"""A real Chromium of this machine: found, or installed where that is possible."""

import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LEFT_OUT = "left out: browser tests, no Chromium; install chromium"
INSTALL_SECONDS = 240

# Sound begins without a click, as after one; and Chromium looks nothing up by itself.
FLAGS = [
    "--autoplay-policy=no-user-gesture-required",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def flags() -> list[str]:
    # As root Chromium's sandbox does not start.
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS


def find() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def find_or_install() -> str | None:
    """Give the path of a Chromium; None where there is none and none can be installed."""
    path = find()
    if path is None and os.geteuid() == 0 and shutil.which("apt-get"):
        install()
        path = find()
    return path


def install() -> None:
    """Install Debian's package; whether that worked is seen by looking again."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("apt-get update -qq", "apt-get install -y -qq --no-install-recommends chromium"):
        subprocess.run(command.split(), env=environment, check=False, timeout=INSTALL_SECONDS)
