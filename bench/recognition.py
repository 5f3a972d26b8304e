"""Measure the main job: three tracks of ten minutes through the running system, its time and all its memory.

Run it as `python -m bench.recognition`. The tracks are the demo's, each five times over. Memory is proportional (PSS),
so that pages which several processes share count once; the machine's cores are shared with whatever else runs.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from subprocess import run
from typing import Any

import httpx
import psutil

from recordings.media.ffmpeg import binary
from tests.system.processes import RunningSystem, serving

DEMO = Path(__file__).resolve().parent.parent / "recordings" / "demo"
SECONDS = 600
ALLOWED_SHARE = 0.25
ALLOWED_MB = 700
ACCOUNT = {
    "email": "bench@example.com",
    "fName": "Bench",
    "lName": "Mark",
    "phoneNumber": "34600000000",
    "country": "ES",
    "password": "measured twice, cut once",
}


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with tempfile.TemporaryDirectory(prefix="tertulia-bench-") as folder:
        tracks = [lengthen(DEMO / name, Path(folder)) for name in ("anna.flac", "ben.flac", "carl.flac")]
        with serving() as system, httpx.Client(base_url=system.base_url, timeout=60) as client:
            sign_in(client)
            begun = time.monotonic()
            meeting_id = import_tracks(client, tracks)
            peak_mb = watch(system, client, meeting_id)
            took = time.monotonic() - begun
    share = took / SECONDS
    print(f"three tracks of {SECONDS} s: {took:.0f} s, {share:.3f} of their length (at most {ALLOWED_SHARE})")
    print(f"all processes: {peak_mb:.0f} MB at the most (at most {ALLOWED_MB})")
    return 0 if share <= ALLOWED_SHARE and peak_mb <= ALLOWED_MB else 1


def lengthen(track: Path, folder: Path) -> Path:
    """Repeat a demo track until it is ten minutes long."""
    target = folder / track.name
    loop = ["-stream_loop", "-1", "-i", str(track), "-t", str(SECONDS), str(target)]
    run([binary(), "-v", "error", "-nostdin", *loop], check=True)
    return target


def sign_in(client: httpx.Client) -> None:
    client.post("/auth/register", json=ACCOUNT).raise_for_status()
    answer = client.post("/auth/login", json={"userName": ACCOUNT["email"], "password": ACCOUNT["password"]})
    client.headers["Authorization"] = f"Bearer {answer.raise_for_status().json()['data']['token']}"


def import_tracks(client: httpx.Client, tracks: list[Path]) -> str:
    files: list[Any] = [("file", (track.name, track.read_bytes())) for track in tracks]
    answer = client.post("/meetings/import", data={"title": "Ten minutes"}, files=files)
    return str(answer.raise_for_status().json()["data"]["meetingId"])


def watch(system: RunningSystem, client: httpx.Client, meeting_id: str) -> float:
    """Wait until the notes are there; give the largest memory of all processes on the way, in MB."""
    peak = 0.0
    while client.get(f"/meeting/{meeting_id}/summary").status_code != 200:
        peak = max(peak, memory_mb(system.processes()))
        time.sleep(1)
    return peak


def memory_mb(processes: list[psutil.Process]) -> float:
    total = 0
    for process in processes:
        try:
            total += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total / 1e6


if __name__ == "__main__":
    sys.exit(main())
