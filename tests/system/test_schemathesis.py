"""Every operation of the schema, called in every way that the schema allows and in many that it does not, against a
running system: no fault of the server, no status and no body that is not described.

As nobody, as a user and as an administrator; the phases of each run are examples, boundary values, random bodies and
sequences of calls. SOAK=full takes MANY cases an operation instead of FEW.
"""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.system.people import Person, make_administrator, register
from tests.system.processes import RunningSystem, serving

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3000)]

FEW, MANY = 6, 100


@pytest.fixture(scope="module")
def system():
    with serving(env={"SUMMARY_WAIT_S": "1"}) as running:
        yield running


@pytest.fixture(scope="module")
def callers(system: RunningSystem) -> dict[str, Person | None]:
    return {"nobody": None, "user": register(system, "caller"), "administrator": make_administrator(system)}


@pytest.mark.parametrize("who", ["nobody", "user", "administrator"])
def test_server_keeps_its_word(system, callers, tmp_path, who):
    schema = tmp_path / "schema.json"
    schema.write_text(httpx.get(f"{system.base_url}/api/schema", timeout=30).text)
    person = callers[who]
    headers = [f"--header=Authorization: {person.headers['Authorization']}"] if person else []

    done = call_everything(system, schema, headers, tmp_path)

    assert done.returncode == 0, done.stdout[-20_000:]


def call_everything(
    system: RunningSystem, schema: Path, headers: list[str], at: Path
) -> "subprocess.CompletedProcess[str]":
    cases = MANY if os.environ.get("SOAK") == "full" else FEW
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", str(schema), "--url", system.base_url),
        *("--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", str(cases)),
        *("--workers", "2", "--continue-on-failure", "--suppress-health-check", "all", "--no-color"),
        *("--generation-database", "none", "--request-timeout", "60", "--seed", "1"),
        *headers,
    ]
    return subprocess.run(command, cwd=at, capture_output=True, text=True, check=False)
