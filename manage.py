#!/usr/bin/env python
"""The door to every command: it has the data folder's secrets made, and the database and Redis running, first."""

import os
import sys
from contextlib import ExitStack, suppress

from config.env import env_str
from config.lib.embedded import EmbeddedError, ensure, ensure_secrets
from config.serve.options import data_dir, parse_options

# These need neither the database nor Redis.
ALONE = {
    *("help", "version", "--help", "-h", "--version", "check", "diffsettings"),
    *("makemessages", "compilemessages", "collectstatic", "findstatic", "startapp"),
}


def main(argv: list[str]) -> int:
    # Whatever this process and its children write is nobody else's to read, unless they say otherwise.
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if argv[1:2] == ["serve"]:
        # A process that only waits for its children must stay small, so it never loads Django.
        from config.serve.system import run  # noqa: PLC0415

        return run(parse_options(argv[2:]))
    os.environ["DATA_DIR"] = str(data_dir())
    try:
        with ExitStack() as stack:
            ensure_secrets(data_dir())
            if argv[1:] and argv[1] not in ALONE and not {"--help", "-h"} & set(argv):
                stack.enter_context(
                    ensure(data_dir(), database=not env_str("DATABASE_URL"), redis=not env_str("REDIS_URL"))
                )
            execute(argv)
    except EmbeddedError as error:
        print(error.message, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def execute(argv: list[str]) -> None:
    # Settings are read when Django loads, and they need the secrets that were made by now.
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    with suppress(KeyboardInterrupt):
        execute_from_command_line(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
