"""Where a run takes place: a temporary folder with what was built and installed for it, Redis, and two cores."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.rest.contenders import on_core
from config.lib import embedded

HERE = Path(__file__).resolve().parent
PROGRAMS = {"load": ["load.c", "member.c", "spec.c"], "limit": ["limit.c"]}
COMPILE = ("cc", "-std=gnu11", "-O2", "-Wall", "-Wextra")


@dataclass(frozen=True)
class Place:
    """The server has a core of its own; the load client, Redis and the database share the other."""

    folder: Path
    layout: embedded.Layout
    server_core: int
    client_core: int

    @property
    def load(self) -> str:
        return str(self.folder / "load")

    @property
    def limit(self) -> str:
        return str(self.folder / "limit")

    @property
    def node(self) -> Path:
        return self.folder / "node"


def missing() -> str:
    """Say what a run would need and does not find; nothing when all is there."""
    absent = [program for program in ("cc", "node", "npm") if shutil.which(program) is None]
    if absent:
        return f"{', '.join(absent)} not here (Debian: apt-get install gcc libc6-dev nodejs npm)"
    if len(os.sched_getaffinity(0)) < 2:
        return "the server and the load need a core each, and there is only one"
    return ""


@contextmanager
def prepared(*, database: bool) -> Iterator[Place]:
    """Build and install what is needed, and have Redis, with the database if asked for, run inside the block.

    This process itself stays on the client's core, so that it takes nothing from a server.
    """
    server_core, client_core = sorted(os.sched_getaffinity(0))[:2]
    with tempfile.TemporaryDirectory(prefix="tertulia-bench-") as name:
        folder, data_dir = Path(name), Path(name) / "data"
        # PostgreSQL's user must get through to the data folder.
        folder.chmod(0o711)
        os.environ.update(DATA_DIR=str(data_dir), DJANGO_SETTINGS_MODULE="config.settings")
        embedded.make_folders(data_dir)
        embedded.ensure_secrets(data_dir)
        build(folder)
        install(folder / "node")
        with on_core(client_core), embedded.ensure(data_dir, database=database) as layout:
            yield Place(folder, layout, server_core, client_core)


def build(folder: Path) -> None:
    for program, sources in PROGRAMS.items():
        files = [str(HERE / "native" / source) for source in sources]
        subprocess.run([*COMPILE, "-o", str(folder / program), *files], check=True)


def install(folder: Path) -> None:
    """Fetch the pinned packages into a folder that goes away with the run."""
    shutil.copytree(HERE / "node", folder)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)
