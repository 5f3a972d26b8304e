"""`manage.py rotate_keys`: wrap every data key with the first of ENCRYPTION_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.lib import keys

BATCH = 500


class Command(BaseCommand):
    help = "Wrap all data keys anew with the first of ENCRYPTION_KEYS. No line is touched; run again after a stop."

    def handle(self, *args: Any, **options: Any) -> None:
        for rotation in keys.store().rewrap(BATCH):
            self.stdout.write(f"{rotation.rewrapped} wrapped anew, {rotation.current} were already")
        if rotation.failed:
            raise CommandError(
                f"No key of ENCRYPTION_KEYS opens these, keep the old keys: {', '.join(rotation.failed)}"
            )
        self.stdout.write("Every data key is wrapped with the first key; the others may go.")
