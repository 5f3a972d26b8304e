"""`manage.py serve` for Django's list of commands; `manage.py` itself goes to config.serve without loading Django."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from config.serve.options import add_arguments, read_options
from config.serve.system import run


class Command(BaseCommand):
    help = "Run the whole system: database, Redis, web and worker."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(run(read_options(argparse.Namespace(**options))))
