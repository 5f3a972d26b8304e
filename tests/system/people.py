"""People who use a running system over HTTP, and what a test sees of it from outside."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from config.lib import embedded
from config.lib.embedded.layout import PG_PORT
from config.lib.embedded.postgres_files import DATABASE, ROLE
from tests.factories import PASSWORD
from tests.system.processes import ROOT, RunningSystem, run_manage, wait_until

DEMO = ROOT / "recordings" / "demo"
SCRIPT = json.loads((DEMO / "script.json").read_text())


@dataclass
class Person:
    """Somebody with an account, signed in by REST."""

    base_url: str
    email: str
    id: str
    headers: dict[str, str]

    def get(self, path: str, **request: Any) -> httpx.Response:
        return httpx.get(f"{self.base_url}{path}", headers=self.headers, timeout=30, **request)

    def import_demo(self, title: str = "Demo", tracks: int = 3) -> str:
        """Send the tracks of the demo; give the meeting's id."""
        chosen = SCRIPT["tracks"][:tracks]
        form = {"title": title, "name": [track["name"] for track in chosen]}
        files = [("file", (track["file"], (DEMO / track["file"]).read_bytes())) for track in chosen]
        answer = httpx.post(
            f"{self.base_url}/meetings/import", data=form, files=files, headers=self.headers, timeout=60
        )
        assert answer.status_code == 202, answer.text
        return answer.json()["data"]["meetingId"]

    def lines(self, meeting_id: str) -> list[tuple[str, int, int, str]]:
        """Read the transcript: speaker, start, end, text of each line."""
        answer = self.get(f"/view-transcript/{meeting_id}")
        assert answer.status_code == 200, answer.text
        return [
            (line["userName"], line["startMs"], line["endMs"], line["message"]) for line in answer.json()["data"]
        ]

    def has_everything(self, meeting_id: str) -> bool:
        """Say whether notes and sound of the meeting are there; notes are written after the last line."""
        try:
            return all(
                self.get(path).status_code == 200
                for path in (f"/meeting/{meeting_id}/summary", f"/m/{meeting_id}/audio")
            )
        except httpx.HTTPError:
            # The web process may be the one that was killed.
            return False

    def wait_for_everything(self, meeting_id: str, seconds: float = 90) -> None:
        wait_until(lambda: self.has_everything(meeting_id), seconds, "the meeting has its notes and its sound")


def register(system: RunningSystem, name: str) -> Person:
    """Make an account as anybody can, and sign in."""
    email = f"{name}@example.com"
    account = {
        "email": email,
        "fName": name.capitalize(),
        "lName": "Tester",
        "phoneNumber": "+34 600 000 000",
        "country": "ES",
        "password": PASSWORD,
    }
    made = httpx.post(f"{system.base_url}/auth/register", json=account, timeout=30)
    assert made.status_code == 201, made.text
    return sign_in(system, email)


def sign_in(system: RunningSystem, email: str) -> Person:
    answer = httpx.post(
        f"{system.base_url}/auth/login", json={"userName": email, "password": PASSWORD}, timeout=30
    ).json()["data"]
    return Person(system.base_url, email, answer["user"]["_id"], {"Authorization": f"Bearer {answer['token']}"})


def make_administrator(system: RunningSystem, name: str = "administrator") -> Person:
    """Make a superuser, as who installs the system does."""
    email = f"{name}@example.com"
    env = {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    arguments = ("createsuperuser", "--no-input", "--email", email, "--first_name", "Admin")
    done = run_manage(system.data_dir, *arguments, env=env)
    assert done.returncode == 0, done.stderr
    return sign_in(system, email)


def database(data_dir: Path) -> "psycopg.Connection[tuple[Any, ...]]":
    """Connect to the database of a running system, past the product."""
    folder = str(embedded.locate(data_dir).pg_socket_dir)
    return psycopg.connect(host=folder, port=PG_PORT, dbname=DATABASE, user=ROLE, autocommit=True)
