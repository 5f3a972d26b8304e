"""`manage.py fill_sessions`: plausible sessions and attendances, for trying out and measuring reports."""

import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from meetings import filling


class Command(BaseCommand):
    help = "Add made-up hosts, sessions and attendances of the last year. Nobody can sign in as these hosts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--sessions", type=int, default=1000)
        parser.add_argument("--attendances", type=int, default=5000)
        parser.add_argument("--seed", type=int, default=1, help="another seed adds other sessions")
        parser.add_argument("--until", type=datetime.fromisoformat, help="the last day, today if not given")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["sessions"] < 1 or options["attendances"] < 0:
            raise CommandError("--sessions must be 1 or more, --attendances 0 or more.")
        day = (options["until"] or datetime.now(UTC)).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
        wanted = filling.Wanted(options["sessions"], options["attendances"], options["seed"], day)
        begun = time.monotonic()
        try:
            filling.fill(wanted)
        except IntegrityError as error:
            raise CommandError("These sessions are there already: another --seed adds others.") from error
        filling.tidy()
        self.stdout.write(
            f"{wanted.sessions} sessions, {wanted.attendances} attendances in {time.monotonic() - begun:.0f} s"
        )
