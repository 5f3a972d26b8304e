"""Every operation of the schema, called in every way that the schema allows and in many that it does not, against a
running system: no fault of the server, no status and no body that is not described.

As nobody, as a user and as an administrator; the phases of each run are examples, boundary values, random bodies and
sequences of calls. SOAK=full takes MANY cases an operation instead of FEW, and boundary values for all three; else they
are tried as a user alone.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.system.people import Person, make_administrator, register
from tests.system.processes import RunningSystem, serving

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3000)]

HERE = Path(__file__).parent
FEW, MANY = 4, 100
IS_FULL = os.environ.get("SOAK") == "full"
# As many rooms, meetings, files; some are deleted on the way.
THINGS = 12


@pytest.fixture(scope="module")
def system():
    with serving(env={"SUMMARY_WAIT_S": "1"}) as running:
        yield running


@pytest.fixture(scope="module")
def callers(system: RunningSystem) -> dict[str, Person | None]:
    return {"nobody": None, "user": register(system, "caller"), "administrator": make_administrator(system)}


def make_things(person: Person) -> dict[str, list[str]]:
    """Make some of everything that paths name; give the ids by the names that the schema has for them."""
    ids: dict[str, list[str]] = {"user_id": [person.id], "filename": []}
    for number in range(THINGS):
        room = person.post("/room/create", {"name": f"Room {number}", "type": "meeting"})["id"]
        meeting = {"title": f"Meeting {number}", "hostId": person.id, "transcriptEnabled": True, "roomId": room}
        made = {
            "room_id": room,
            "meeting_id": person.post("/meetings/create", meeting)["_id"],
            "invite_id": person.post(f"/room/{room}/invites", {})["id"],
            "webhook_id": person.post("/webhooks", {"url": "https://example.com/", "events": ["meeting.ended"]})["id"],
            "filename": person.upload(room, "notes.txt", b"Who writes the minutes?"),
        }
        person.post("/send-transcript", {"meetingId": made["meeting_id"], "userName": "Caller", "message": "Hello."})
        for name, value in made.items():
            ids.setdefault(name, []).append(value)
    return ids


@pytest.mark.parametrize("who", ["nobody", "user", "administrator"])
def test_server_keeps_its_word(system, callers, tmp_path, who):
    schema = tmp_path / "schema.json"
    schema.write_text(httpx.get(f"{system.base_url}/api/schema", timeout=30).text)
    person = callers[who]
    (tmp_path / "known.json").write_text(json.dumps(make_things(person) if who == "user" else {}))
    headers = [f"--header=Authorization: {person.headers['Authorization']}"] if person else []

    phases = "examples,fuzzing,stateful" + (",coverage" if IS_FULL or who == "user" else "")
    done = call_everything(system, schema, headers, phases, tmp_path)

    assert done.returncode == 0, done.stdout[-20_000:]


def call_everything(
    system: RunningSystem, schema: Path, headers: list[str], phases: str, at: Path
) -> "subprocess.CompletedProcess[str]":
    for name in ("schemathesis.toml", "schemathesis_hooks.py"):
        shutil.copy(HERE / name, at)
    cases = MANY if IS_FULL else FEW
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", "schemathesis.toml"),
        *("run", str(schema), "--url", system.base_url),
        *("--checks", "all", "--phases", phases, "--max-examples", str(cases)),
        *("--workers", "1", "--continue-on-failure", "--suppress-health-check", "all", "--no-color"),
        *("--generation-database", "none", "--request-timeout", "60", "--seed", "1"),
        *headers,
    ]
    # It holds nothing of ours: it need not be traced.
    ours = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    env = {**ours, "KNOWN_IDS": str(at / "known.json")}
    return subprocess.run(command, cwd=at, env=env, capture_output=True, text=True, check=False)
