"""Where things lie in a data folder: computed from its path alone, and from the one note it may hold."""

import hashlib
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from config.lib.embedded.errors import EmbeddedError

# The kernel takes 107 bytes; some clients take fewer.
SOCKET_PATH_BYTES = 100
PG_PORT = 5432
PG_SOCKET_NAME = f".s.PGSQL.{PG_PORT}"
# Not the environment's choice of a temporary folder, which may differ between two commands and be long itself.
SHORT_FOLDER = Path("/tmp")  # noqa: S108


@dataclass(frozen=True)
class Layout:
    """The folders of one data folder; PostgreSQL's may lie elsewhere, see `elsewhere`."""

    data_dir: Path
    run_dir: Path
    logs_dir: Path
    secrets_dir: Path
    tls_dir: Path
    # A note with the path of PostgreSQL's folder, where its user cannot reach the data folder.
    elsewhere: Path
    pg_home: Path
    pg_data: Path
    pg_socket_dir: Path
    redis_dir: Path
    redis_socket_dir: Path

    @property
    def redis_socket(self) -> Path:
        return self.redis_socket_dir / "redis.sock"

    @property
    def pg_socket(self) -> Path:
        return self.pg_socket_dir / PG_SOCKET_NAME

    @property
    def public_url_file(self) -> Path:
        return self.run_dir / "public_url"

    @property
    def origins_file(self) -> Path:
        return self.run_dir / "origins"


def short_name(data_dir: Path) -> str:
    return f"tertulia-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]}"


def fit_socket_dir(wanted: Path, socket_name: str, data_dir: Path, kind: str) -> Path:
    """Return the wanted folder, or a short one of the same data folder where a socket's path would be too long."""
    if len(os.fsencode(wanted / socket_name)) < SOCKET_PATH_BYTES:
        return wanted
    return SHORT_FOLDER / f"{short_name(data_dir)}-{kind}"


def read_note(note: Path) -> Path | None:
    try:
        return Path(note.read_text().strip())
    except OSError:
        return None


def locate(data_dir: Path) -> Layout:
    """Say where everything of this data folder lies. Makes nothing, starts nothing."""
    data_dir = data_dir.resolve()
    elsewhere = data_dir / "postgres.elsewhere"
    pg_home = read_note(elsewhere) or data_dir / "postgres"
    redis_dir = data_dir / "redis"
    return Layout(
        data_dir=data_dir,
        run_dir=data_dir / "run",
        logs_dir=data_dir / "logs",
        secrets_dir=data_dir / "secrets",
        tls_dir=data_dir / "tls",
        elsewhere=elsewhere,
        pg_home=pg_home,
        pg_data=pg_home / "data",
        pg_socket_dir=fit_socket_dir(pg_home / "socket", PG_SOCKET_NAME, data_dir, "postgres"),
        redis_dir=redis_dir,
        redis_socket_dir=fit_socket_dir(redis_dir, "redis.sock", data_dir, "redis"),
    )


def recorded_url(data_dir: Path) -> str:
    """Return the address that `serve` listened on last, or nothing."""
    try:
        return locate(data_dir).public_url_file.read_text().strip()
    except OSError:
        return ""


def recorded_origins(data_dir: Path) -> list[str]:
    """Return the origins, as https://name:port, that the certificate which `serve` made itself is for."""
    try:
        return locate(data_dir).origins_file.read_text().split()
    except OSError:
        return []


def make_private_dir(path: Path, uid: int | None = None, gid: int | None = None) -> None:
    """Make a 0700 folder; refuse one that somebody else made first, as anyone may in a shared temporary folder."""
    owner = os.geteuid() if uid is None else uid
    try:
        path.mkdir(mode=0o700, parents=True)
        if uid is not None and gid is not None:
            os.chown(path, uid, gid)
    except FileExistsError:
        pass
    except OSError as error:
        raise EmbeddedError(f"The folder {path} cannot be made ({error.strerror}): choose another one.") from error
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner:
        raise EmbeddedError(f"{path} belongs to another user: be that user, or choose another data folder.")
    path.chmod(0o700)


def _make_way(path: Path) -> None:
    """Make the folders above, open whatever the umask: as root PostgreSQL's user has to get through them."""
    for parent in reversed([parent for parent in path.parents if not parent.exists()]):
        with suppress(OSError):
            # What cannot be made here is explained where the folder itself is made.
            parent.mkdir()
            parent.chmod(0o755)


def make_folders(data_dir: Path) -> Layout:
    """Make the data folder and those in it that belong to this user, each readable by nobody else."""
    layout = locate(data_dir)
    if not layout.data_dir.exists():
        _make_way(layout.data_dir)
        make_private_dir(layout.data_dir)
    with suppress(PermissionError):
        # A folder that somebody made for us: nobody but its owner lists it or writes to it from now on.
        layout.data_dir.chmod(layout.data_dir.stat().st_mode & 0o711)
    for path in (layout.run_dir, layout.logs_dir, layout.secrets_dir, layout.redis_dir, layout.redis_socket_dir):
        make_private_dir(path)
    return layout
