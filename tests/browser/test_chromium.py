"""Without a Chromium the browser tests are left out where somebody works, and fail where everything must run."""

import subprocess
import sys

import pytest

from tests.browser.chromium import LEFT_OUT
from tests.system.processes import ROOT, clean_environment

A_TEST = "tests/browser/test_newcomer.py::test_transcript_and_notes_are_read"


@pytest.mark.parametrize(
    ("ci", "code", "outcome", "lines"), [(None, 0, "1 skipped", 1), ("true", 1, "1 error", 0)], ids=["here", "CI"]
)
def test_missing_chromium_is_said(tmp_path, ci, code, outcome, lines):
    environment = clean_environment({"PATH": str(tmp_path)})
    environment.pop("CI", None)
    if ci:
        environment["CI"] = ci

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--tb=line", A_TEST],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    said = done.stdout.splitlines()
    assert done.returncode == code, done.stdout
    assert said[-1].startswith(outcome)
    assert said.count(LEFT_OUT) == lines
    assert LEFT_OUT in done.stdout
