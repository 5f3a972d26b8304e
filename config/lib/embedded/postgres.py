"""The embedded PostgreSQL: a server of our own on a private socket, made at the first start."""

import os
import shutil
import signal
import socket
from contextlib import suppress
from pathlib import Path

from config.lib.embedded.errors import EmbeddedError
from config.lib.embedded.layout import Layout, make_private_dir
from config.lib.embedded.postgres_files import (
    DATABASE,
    ROLE,
    SUPERUSER,
    choose_account,
    minimal_environment,
    programs_copy,
    run_as,
    settle_home,
    settle_programs,
    write_configuration,
)
from config.lib.supervise import Account, Program, end_process, identify

NAME = "postgres"
# SIGINT is PostgreSQL's "fast": open transactions are rolled back, and nothing has to be recovered at the next start.
STOP_SIGNAL = signal.SIGINT
GRACE_SECONDS = 4.0
# The line of postmaster.pid that says how far the server is.
STATUS_LINE = 7


def prepare(layout: Layout) -> Program:
    """Make the folder and the database if there are none, and say how to start the server.

    Raises: EmbeddedError.
    """
    account = choose_account(layout)
    layout = settle_home(layout, account)
    bin_dir = settle_programs(layout, account)
    if not layout.pg_data.exists():
        _create(layout, bin_dir, account)
    write_configuration(layout, layout.pg_data, account)
    make_private_dir(layout.pg_socket_dir, *((account.uid, account.gid) if account else ()))
    return Program(
        NAME,
        (str(bin_dir / "postgres"), "-D", str(layout.pg_data)),
        log=layout.logs_dir / "postgres.log",
        env=minimal_environment(),
        cwd=Path("/"),
        account=account,
        stop_signal=STOP_SIGNAL,
        grace=GRACE_SECONDS,
    )


def _create(layout: Layout, bin_dir: Path, account: Account | None) -> None:
    """Make the cluster, our role and our database under another name first: an unfinished one never counts.

    The built-in locale is in the server itself, so sorting does not change with the operating system's library.
    """
    new = layout.pg_home / "data.new"
    shutil.rmtree(new, ignore_errors=True)
    options = ["--username", SUPERUSER, "--auth", "peer", "--encoding", "UTF8", "--locale", "C", "--no-instructions"]
    locale = ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
    made = run_as(account, [str(bin_dir / "initdb"), "--pgdata", str(new), *options, *locale])
    if made.returncode != 0:
        raise EmbeddedError(
            f"The database could not be made ({made.stderr.strip()}): see that {layout.pg_home} has room."
        )
    write_configuration(layout, new, account)
    statements = f"CREATE ROLE {ROLE} LOGIN CREATEDB;\nCREATE DATABASE {DATABASE} OWNER {ROLE};\n"
    alone = [str(bin_dir / "postgres"), "--single", "-D", str(new), "-c", "exit_on_error=on", "postgres"]
    single = run_as(account, alone, stdin=statements)
    if single.returncode != 0:
        raise EmbeddedError(f"The database could not be set up: {single.stderr.strip()}")
    new.rename(layout.pg_data)


def describe_place(layout: Layout) -> str:
    """Say in one line what lies outside the data folder or was copied, or nothing."""
    if layout.elsewhere.exists():
        return f"The database lies in {layout.pg_home}, because its user cannot reach {layout.data_dir}; back up both."
    if programs_copy(layout).exists():
        return f"PostgreSQL runs from a copy in {programs_copy(layout)}, because its user cannot reach the package."
    return ""


def _read_postmaster_file(layout: Layout) -> list[str]:
    try:
        return (layout.pg_data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def find_postmaster(layout: Layout) -> int | None:
    """Return the pid of a server on this very folder; a stale file may name a pid that is something else by now."""
    lines = _read_postmaster_file(layout)
    if not lines or not lines[0].isdigit():
        return None
    pid = int(lines[0])
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return None
    return pid if os.fsencode(layout.pg_data) in arguments else None


def tidy(layout: Layout) -> None:
    """Before a start: end a server that nobody owns any more, and clear away lock files whose server is gone."""
    pid = find_postmaster(layout)
    process = identify(pid) if pid else None
    if process:
        end_process(process, STOP_SIGNAL, GRACE_SECONDS)
    (layout.pg_data / "postmaster.pid").unlink(missing_ok=True)
    layout.pg_socket.unlink(missing_ok=True)
    layout.pg_socket.with_name(f"{layout.pg_socket.name}.lock").unlink(missing_ok=True)


def is_answering(layout: Layout) -> bool:
    """Say whether the server takes connections: it notes that it is ready, and its socket accepts."""
    lines = _read_postmaster_file(layout)
    if len(lines) <= STATUS_LINE or lines[STATUS_LINE].strip() != "ready":
        return False
    with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(2)
        connection.connect(str(layout.pg_socket))
        return True
    return False
