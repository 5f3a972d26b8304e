"""People who use a running system over HTTP, and what a test sees of it from outside."""

import json
import logging
import subprocess
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import psycopg

from config.lib import embedded
from config.lib.embedded.layout import PG_PORT
from config.lib.embedded.postgres_files import DATABASE, ROLE
from recordings.media.ffmpeg import binary
from tests.factories import PASSWORD
from tests.system.processes import ROOT, RunningSystem, run_manage, wait_until

DEMO = ROOT / "recordings" / "demo"
# A failing test should show what happened, not each question that was asked meanwhile.
logging.getLogger("httpx").setLevel(logging.WARNING)

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

    def post(self, path: str, body: Any) -> Any:
        """Send JSON, and give the data of the answer."""
        answer = httpx.post(f"{self.base_url}{path}", headers=self.headers, json=body, timeout=30)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    def upload(self, room_id: str, name: str, content: bytes) -> str:
        """Put a file into a room; give the name that it got."""
        files = {"file": (name, content)}
        answer = httpx.post(f"{self.base_url}/room/{room_id}/upload", headers=self.headers, files=files, timeout=30)
        assert answer.is_success, answer.text
        return answer.json()["data"]["filename"]

    def import_demo(self, title: str = "Demo", seconds: float | None = None) -> str:
        """Send the tracks of the demo, or their first seconds; give the meeting's id."""
        tracks = SCRIPT["tracks"]
        form = {"title": title, "name": [track["name"] for track in tracks]}
        files = [("file", (track["file"], demo_track(track["file"], seconds))) for track in tracks]
        answer = httpx.post(
            f"{self.base_url}/meetings/import", data=form, files=files, headers=self.headers, timeout=60
        )
        assert answer.status_code == 202, answer.text
        return answer.json()["data"]["meetingId"]

    def lines(self, meeting_id: str) -> list[tuple[str, int, int, str]]:
        """Read the transcript: speaker, start, end, text of each line."""
        answer = self.get(f"/view-transcript/{meeting_id}")
        assert answer.status_code == 200, answer.text
        return [(line["userName"], line["startMs"], line["endMs"], line["message"]) for line in answer.json()["data"]]

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
        def look() -> bool:
            # Asking takes as much of the machine as answering: not more often than a page does.
            time.sleep(0.5)
            return self.has_everything(meeting_id)

        wait_until(look, seconds, "the meeting has its notes and its sound")


@cache
def demo_track(name: str, seconds: float | None) -> bytes:
    path = DEMO / name
    if seconds is None:
        return path.read_bytes()
    command = [binary(), "-v", "error", "-nostdin", "-i", str(path), "-t", str(seconds), "-f", "ogg", "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout


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
