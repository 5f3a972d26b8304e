"""`manage.py make_demo`: the demo user and the demo meeting, once."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from accounts.demo import ensure_demo_user
from config.lib import staging
from config.lib.staging import StagedWriter
from meetings.models import Meeting
from recordings import actions, media
from recordings.actions import StagedTrack

DEMO = Path(__file__).resolve().parents[2] / "demo"


class Command(BaseCommand):
    help = "Make the demo user, and take in the demo meeting through the real pipeline unless it is there."

    def handle(self, *args: Any, **options: Any) -> None:
        script = json.loads((DEMO / "script.json").read_text())
        user = ensure_demo_user()
        if Meeting.objects.hosted_by(user).filter(title=script["title"]).exists():
            return
        with staging.folder() as folder:
            tracks = [_stage(folder, track) for track in script["tracks"]]
            actions.import_meeting(title=script["title"], host=user, tracks=tracks, by=user)


def _stage(folder: Path, track: dict[str, Any]) -> StagedTrack:
    with StagedWriter(folder / track["file"], track["file"]) as writer:
        writer.write((DEMO / track["file"]).read_bytes())
        file = writer.finish()
    return StagedTrack(track["name"], round(track["offset"] * 1000), file, media.probe(file.path, name=file.file_name))
