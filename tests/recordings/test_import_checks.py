"""Checking what was sent may take long; nobody but later imports waits for it."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from config.asgi import application
from config.lib.ids import new_id
from recordings.models import AudioMix, Recording
from tests.asgi import ORIGIN, bearer
from tests.factories import make_meeting
from tests.recordings.importing import CONTENT_TYPE, body_of, file

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 20
# An ffmpeg that says that it has begun, and finds nothing in the file once it may go on.
FFMPEG = """#!/bin/sh
: > "{folder}/begun.$$"
while [ ! -e "{folder}/go" ] && [ -e "{folder}" ]; do sleep 0.05; done
exit 1
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give the folder in which the slow ffmpeg waits for a file `go`."""
    folder = tmp_path / "slow"
    folder.mkdir()
    script = tmp_path / "ffmpeg"
    script.write_text(FFMPEG.format(folder=folder))
    script.chmod(0o700)
    monkeypatch.setenv("FFMPEG_BINARY", str(script))
    return folder


@pytest.fixture
def meeting(owner):
    meeting = make_meeting(owner)
    recording = Recording.objects.create(meeting=meeting, recording_id=new_id(), host_name="Owner")
    AudioMix.objects.create(recording=recording, file=default_storage.save("mixes/mix.m4a", ContentFile(b"sound")))
    return meeting


async def wait_for_two(folder) -> None:
    deadline = time.monotonic() + SECONDS
    while len(list(folder.glob("begun.*"))) < 2:
        assert time.monotonic() < deadline, "two imports are being checked"
        await asyncio.sleep(0.05)


def test_sound_answers_while_imports_are_checked(folder, meeting, owner, flac):
    headers = {**bearer(owner), "Content-Type": CONTENT_TYPE}
    content = body_of([file("anna.flac", flac)])

    async def ask() -> tuple[httpx.Response, list[httpx.Response]]:
        # As few threads for everybody as there are imports.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2))
        transport = httpx.ASGITransport(app=application)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client, asyncio.TaskGroup() as group:
            imports = [
                group.create_task(client.post("/meetings/import", headers=headers, content=content)) for _ in range(2)
            ]
            try:
                await wait_for_two(folder)
                async with asyncio.timeout(SECONDS):
                    sound = await client.get(f"/m/{meeting.pk}/audio", headers=headers)
                assert not any(task.done() for task in imports)
            finally:
                (folder / "go").touch()
        return sound, [task.result() for task in imports]

    sound, imports = asyncio.run(ask())

    assert (sound.status_code, sound.content) == (200, b"sound")
    assert [(answer.status_code, answer.json()["code"]) for answer in imports] == [(400, "unreadable_audio")] * 2
