"""`manage.py` as a command: what it and its children write is closed to other accounts."""

import os
import stat
import subprocess
import sys

from config.lib import embedded
from tests.system.processes import ROOT

# `check` needs no service; the probe stands for whatever a command writes without saying for whom.
PROBE = """
import os, subprocess, sys
os.umask(0o022)
import manage
manage.execute = lambda argv: subprocess.run(["touch", sys.argv[1]], check=True)
sys.exit(manage.main(["manage.py", "check"]))
"""


def test_files_of_a_command_and_of_its_children_are_closed_to_others(tmp_path):
    written = tmp_path / "written"

    subprocess.run(
        [sys.executable, "-c", PROBE, str(written)],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path / "data")},
        check=True,
    )

    assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_way_to_a_new_data_folder_is_open_whatever_the_umask(tmp_path):
    before = os.umask(0o077)

    try:
        layout = embedded.make_folders(tmp_path / "way" / "there" / "data")
    finally:
        os.umask(before)

    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "way", tmp_path / "way" / "there")]
    assert (modes, stat.S_IMODE(layout.data_dir.stat().st_mode)) == ([0o755, 0o755], 0o700)
