"""`manage.py import_meeting --title T --host EMAIL Anna=anna.flac Ben=ben.ogg@12.5`."""

import re
from argparse import ArgumentParser
from pathlib import Path
from shutil import copyfileobj
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from config.lib import staging
from config.lib.errors import DomainError
from recordings import actions, media
from recordings.actions import StagedTrack

_TRACK = re.compile(r"(?P<name>[^=]+)=(?P<path>.+?)(@(?P<offset>[0-9]{1,6}(\.[0-9]{1,3})?))?")


class Command(BaseCommand):
    help = "Take in the recording of a meeting: one file per person, or one mixed file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--title", required=True)
        parser.add_argument("--host", required=True, help="the e-mail address of the user whose meeting it is")
        parser.add_argument("tracks", nargs="+", metavar="NAME=FILE[@SECONDS]", help="SECONDS: when the file begins")

    def handle(self, *args: Any, **options: Any) -> None:
        host = User.objects.filter(email__iexact=options["host"]).first()
        if host is None:
            raise CommandError(f"There is no user {options['host']}: register the account first.")
        try:
            with staging.folder() as folder:
                tracks = [_stage(folder / str(n), text) for n, text in enumerate(options["tracks"])]
                meeting = actions.import_meeting(title=options["title"], host=host, tracks=tracks, by=host)
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{meeting.pk}\nIts work begins as soon as a worker runs (`manage.py serve` starts one).")


def _stage(target: Path, text: str) -> StagedTrack:
    """Copy one named file beside the uploads, so that taking it in never touches the original."""
    match = _TRACK.fullmatch(text)
    if match is None:
        raise CommandError(f"{text!r} is not NAME=FILE or NAME=FILE@SECONDS.")
    path = Path(match["path"])
    try:
        source = path.open("rb")
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    media.check_file_name(path.name)
    with source, staging.StagedWriter(target, path.name) as writer:
        copyfileobj(source, writer)
        file = writer.finish()
    probe = media.probe(file.path, name=file.file_name)
    return StagedTrack(match["name"].strip(), round(float(match["offset"] or 0) * 1000), file, probe)
