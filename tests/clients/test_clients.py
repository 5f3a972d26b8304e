"""Clients made from the schema of a running server, in Python and in TypeScript, compile and work."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.factories import PASSWORD
from tests.system.people import Person, register
from tests.system.processes import serving

HERE = Path(__file__).parent
SECONDS = 180
SAID = {"room": "Typed", "meeting": "Typed meeting", "said": ["Good morning everyone."]}


@pytest.fixture(scope="module")
def person():
    with serving() as running:
        yield register(running, "typed")


@pytest.fixture
def schema(person: Person, tmp_path: Path) -> Path:
    file = tmp_path / "schema.json"
    file.write_text(httpx.get(f"{person.base_url}/api/schema", timeout=30).text)
    return file


@pytest.fixture(scope="module")
def npm() -> str:
    path = shutil.which("npm")
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("left out: the TypeScript client, no npm; install it")
    return str(path)


def run(*command: str | Path, at: Path) -> str:
    # What came with this Python is found first: the generator formats with ruff.
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    words = [str(part) for part in command]
    done = subprocess.run(words, cwd=at, env=env, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_python_client_makes_five_calls(person, schema, tmp_path):
    generate = (sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning")
    config = HERE / "generator.yaml"
    run(*generate, "--path", schema, "--output-path", tmp_path / "made", "--config", config, at=tmp_path)
    shutil.copy(HERE / "calls.py", tmp_path)

    run(sys.executable, "-m", "compileall", "-q", tmp_path / "made", at=tmp_path)
    said = run(sys.executable, "calls.py", person.base_url, person.email, PASSWORD, at=tmp_path)

    assert json.loads(said) == SAID


def test_typescript_client_makes_five_calls(person, schema, tmp_path, npm):
    at = tmp_path / "typescript"
    shutil.copytree(HERE / "typescript", at)
    run(npm, "ci", "--no-audit", "--no-fund", at=at)
    run("npx", "openapi-typescript", schema, "-o", "schema.ts", "--default-non-nullable", "false", at=at)

    run("npx", "tsc", "--project", "tsconfig.json", at=at)
    said = run("node", "built/main.js", person.base_url, person.email, PASSWORD, at=at)

    assert json.loads(said) == SAID
