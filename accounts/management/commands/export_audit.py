"""`manage.py export_audit`: writes the audit log as lines of JSON."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import audit
from accounts.models import AuditEvent
from config.lib.times import InvalidMoment, parse_moment


class Command(BaseCommand):
    help = "Write the audit log as JSON lines, the oldest event first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", default="", help="from this time on, such as 2026-11-01 or 2026-11-01T08:00:00Z")
        parser.add_argument("--until", default="", help="up to, and without, this time")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = AuditEvent.objects.all()
        try:
            since, until = (parse_moment(options[name], f"--{name}") for name in ("since", "until"))
        except InvalidMoment as error:
            raise CommandError(error.message) from error
        if since:
            rows = rows.filter(at__gte=since)
        if until:
            rows = rows.filter(at__lt=until)
        for line in audit.export(rows, by=None):
            self.stdout.write(line.decode(), ending="")
