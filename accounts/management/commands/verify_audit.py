"""`manage.py verify_audit`: says whether the audit log is whole, and if not, where."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from accounts import audit


class Command(BaseCommand):
    help = "Check the seals of the audit log and the signed heads outside the database; exit 1 on a finding."

    def handle(self, *args: Any, **options: Any) -> None:
        report, bad_lines = audit.verify()
        self.stdout.write(f"{report.rows} sealed rows checked")
        if report.trimmed:
            self.stdout.write(f"rows 1 to {report.trimmed} were removed after their time")
        findings = [
            *(f"edit: row {seq} is not what was sealed" for seq in report.edits),
            *(f"gap: rows {first} to {last} are missing" for first, last in report.gaps),
            *([f"cut: rows {report.cut[0]} to {report.cut[1]} are missing at the end"] if report.cut else []),
            *(f"rewrite: row {seq} was sealed anew" for seq in report.rewrites),
            *(f"heads: line {number} of the heads file is no signed head" for number in bad_lines),
        ]
        for finding in findings or ["no finding"]:
            self.stdout.write(finding)
        if findings:
            sys.exit(1)
