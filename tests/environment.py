"""What must be set before Django's settings load: a data folder of the suite's own, with the embedded services in it.

Loaded by pytest as an early plugin (`-p tests.environment`), so that any part of the suite runs by itself.
"""

import atexit
import os
import shutil
import signal
import tempfile
from contextlib import ExitStack
from pathlib import Path

from config.lib import embedded

ROOT = Path(__file__).resolve().parent.parent

DATA_DIR = Path(tempfile.mkdtemp(prefix="tertulia-tests-"))
os.environ["DATA_DIR"] = str(DATA_DIR)
# What all processes of one run share: the folder of the first of them, which ends last.
SHARED_DIR = Path(os.environ.setdefault("TESTS_SHARED_DIR", str(DATA_DIR / "shared")))
for name in ("DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "CONFIG_FILE", "DEMO"):
    os.environ.pop(name, None)

_services = ExitStack()


def _leave() -> None:
    _services.close()
    shutil.rmtree(DATA_DIR, ignore_errors=True)


atexit.register(_leave)
embedded.ensure_secrets(DATA_DIR)
_services.enter_context(embedded.ensure(DATA_DIR, database=True, redis=True))


def _trade_safety_for_speed() -> None:
    """Let the suite's own database, which nobody wants to see again after a power cut, wait for no disk."""
    data = embedded.locate(DATA_DIR).pg_data
    with (data / "postgresql.conf").open("a") as file:
        file.write("fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n")
    postmaster = int((data / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGHUP)


_trade_safety_for_speed()
