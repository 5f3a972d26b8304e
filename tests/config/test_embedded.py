"""The embedded parts: where they lie, who may read them, how commands share them."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
import redis

from config.lib import embedded
from config.lib.embedded import postgres_files
from config.lib.supervise import read_record
from tests.system.processes import ROOT, new_data_dir, remove_data, wait_until

HOLD = """
import sys
from pathlib import Path
from config.lib import embedded
with embedded.ensure(Path(sys.argv[1]), redis=False):
    print("up", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def data_dir():
    with new_data_dir() as path:
        yield path


@pytest.fixture
def _umask_of_commands():
    before = os.umask(0o077)
    yield
    os.umask(before)


def connect(layout: embedded.Layout) -> psycopg.Connection:
    return psycopg.connect(host=str(layout.pg_socket_dir), user="tertulia", dbname="tertulia")


def hold_in_another_process(data_dir: Path) -> subprocess.Popen[str]:
    """Start a command that keeps the database until its input is closed."""
    popen = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(data_dir)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert popen.stdout is not None
    assert popen.stdout.readline() == "up\n"
    return popen


def running_pid(data_dir: Path, name: str) -> int | None:
    record = read_record(data_dir / "run", name)
    return record.process.pid if record and record.process.is_alive() else None


def test_locate_makes_nothing(tmp_path):
    layout = embedded.locate(tmp_path / "data")

    assert layout == embedded.locate(tmp_path / "data")
    assert list(tmp_path.iterdir()) == []


def test_locate_names_folders_below_a_short_path():
    layout = embedded.locate(Path("/srv/tertulia"))

    assert layout.pg_socket == Path("/srv/tertulia/postgres/socket/.s.PGSQL.5432")
    assert layout.redis_socket == Path("/srv/tertulia/redis/redis.sock")
    assert layout.secrets_dir == Path("/srv/tertulia/secrets")
    assert embedded.redis_url(layout) == "unix:///srv/tertulia/redis/redis.sock?db=0"


def test_locate_keeps_sockets_short_and_apart_in_deep_folders():
    first, second = (embedded.locate(Path("/srv", "d" * 120, name)) for name in ("one", "two"))

    assert len(os.fsencode(first.pg_socket)) < 100
    assert len(os.fsencode(first.redis_socket)) < 100
    assert len({first.pg_socket, second.pg_socket, first.redis_socket, second.redis_socket}) == 4
    assert first.pg_data == Path("/srv", "d" * 120, "one", "postgres", "data")


def test_locate_follows_the_note_of_another_folder(tmp_path):
    (tmp_path / "postgres.elsewhere").write_text("/var/lib/tertulia-0123\n")

    layout = embedded.locate(tmp_path)

    assert layout.pg_data == Path("/var/lib/tertulia-0123/data")
    assert layout.pg_socket_dir == Path("/var/lib/tertulia-0123/socket")
    assert layout.redis_dir == tmp_path / "redis"


def test_recorded_origins_are_those_of_the_last_serve(tmp_path):
    layout = embedded.make_folders(tmp_path)
    before = embedded.recorded_origins(tmp_path)
    layout.origins_file.write_text("https://vm:8544\nhttps://[::1]:8544\n")

    assert before == []
    assert embedded.recorded_origins(tmp_path) == ["https://vm:8544", "https://[::1]:8544"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://an%40n:p%3Aw@db.example:5433/minutes?sslmode=require",
            {"NAME": "minutes", "USER": "an@n", "PASSWORD": "p:w", "HOST": "db.example", "PORT": "5433"}
            | {"OPTIONS": {"sslmode": "require"}},
        ),
        (
            "postgres:///minutes?host=/run/postgresql",
            {"NAME": "minutes", "USER": "", "PASSWORD": "", "HOST": "/run/postgresql", "PORT": "", "OPTIONS": {}},
        ),
    ],
)
def test_database_settings_of_an_address(url, expected):
    settings = embedded.database_settings(embedded.locate(Path("/srv/tertulia")), url)

    assert settings == {"ENGINE": "django.db.backends.postgresql", **expected}


@pytest.mark.parametrize("url", ["mysql://localhost/minutes", "postgresql://localhost", "minutes"])
def test_database_settings_refuse_another_engine(url):
    with pytest.raises(embedded.EmbeddedError, match="DATABASE_URL must look like"):
        embedded.database_settings(embedded.locate(Path("/srv/tertulia")), url)


def test_secrets_are_made_once(tmp_path):
    embedded.ensure_secrets(tmp_path)
    files = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    (tmp_path / "secrets" / "audit_key").unlink()

    embedded.ensure_secrets(tmp_path)

    again = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert sorted(again) == ["audit_key", "encryption_keys", "secret_key"]
    assert len({*files.values(), again["audit_key"]}) == 4
    assert {name: again[name] == files[name] for name in again} == {
        "audit_key": False,
        "encryption_keys": True,
        "secret_key": True,
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "secrets").iterdir()} == {0o600}
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_folder_of_another_user_is_refused(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    (tmp_path / "secrets").mkdir()
    os.chown(tmp_path / "secrets", 65534, 65534)

    with pytest.raises(embedded.EmbeddedError, match="belongs to another user"):
        embedded.ensure_secrets(tmp_path)


def test_ensure_starts_reuses_and_stops(data_dir):
    with embedded.ensure(data_dir) as layout:
        pids = {name: running_pid(data_dir, name) for name in ("postgres", "redis")}
        with embedded.ensure(data_dir) as same, connect(layout) as connection:
            assert same == layout
            row = connection.execute("SELECT current_setting('fsync'), current_setting('listen_addresses')").fetchone()
            assert row == ("on", "")
            role = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
            assert role == (False,)
            assert redis.Redis.from_url(embedded.redis_url(layout)).config_get("maxmemory-policy") == {
                "maxmemory-policy": "noeviction"
            }
        assert pids == {name: running_pid(data_dir, name) for name in pids}
        assert None not in pids.values()

    assert {running_pid(data_dir, name) for name in pids} == {None}
    assert list((data_dir / "run").glob("*.pid")) == []


def test_two_commands_at_once_share_one_server(data_dir):
    with hold_in_another_process(data_dir) as first, hold_in_another_process(data_dir) as second:
        pid = running_pid(data_dir, "postgres")
        assert first.stdin is not None
        assert second.stdin is not None

        # The one that started the server goes first, and waits for the other.
        first.stdin.close()
        with pytest.raises(subprocess.TimeoutExpired):
            first.wait(0.5)

        assert running_pid(data_dir, "postgres") == pid
        second.stdin.close()
        assert (second.wait(20), first.wait(20)) == (0, 0)
        assert running_pid(data_dir, "postgres") is None


def test_killed_command_takes_its_server_along_and_loses_nothing(data_dir):
    with hold_in_another_process(data_dir) as killed:
        with connect(embedded.locate(data_dir)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        pid = running_pid(data_dir, "postgres")
        killed.kill()

    with embedded.ensure(data_dir, redis=False) as layout, connect(layout) as connection:
        assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]
        assert running_pid(data_dir, "postgres") not in (None, pid)


def test_stale_lock_file_does_not_block(data_dir):
    with embedded.ensure(data_dir, redis=False) as layout:
        pid = running_pid(data_dir, "postgres")
        assert pid is not None
        lock = (layout.pg_data / "postmaster.pid").read_text()
        owner = (layout.pg_data / "PG_VERSION").stat()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: running_pid(data_dir, "postgres") is None, 10, "the server is gone")
    # The pid of something that lives and belongs to the same user, as after a restart of a container.
    bystander = subprocess.Popen(["/bin/sleep", "60"], user=owner.st_uid if os.geteuid() == 0 else None)
    stale = layout.pg_data / "postmaster.pid"
    stale.write_text(lock.replace(str(pid), str(bystander.pid), 1))
    os.chown(stale, owner.st_uid, owner.st_gid)

    try:
        with embedded.ensure(data_dir, redis=False), connect(layout) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_database_goes_where_its_user_can_reach_it():
    top = Path(tempfile.mkdtemp(prefix="tertulia-closed-"))
    data_dir = top / "data"
    try:
        with embedded.ensure(data_dir, redis=False) as layout, connect(layout):
            assert top not in layout.pg_home.parents
            assert (data_dir / "postgres.elsewhere").read_text() == f"{layout.pg_home}\n"
            assert stat.S_IMODE(layout.pg_home.stat().st_mode) == 0o700
        assert stat.S_IMODE(top.stat().st_mode) == 0o700
        assert embedded.locate(data_dir) == layout

        shutil.rmtree(layout.pg_home)

        with (
            pytest.raises(embedded.EmbeddedError, match="is missing: put it back"),
            embedded.ensure(data_dir, redis=False),
        ):
            pass
    finally:
        remove_data(data_dir)
        shutil.rmtree(top)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
@pytest.mark.usefixtures("_umask_of_commands")
def test_unreachable_programs_are_copied(data_dir, monkeypatch, tmp_path):
    # pytest's temporary folders are closed to other users, like a virtual environment below /root.
    package = postgres_files.find_package()
    (tmp_path / package.name).symlink_to(package)
    (tmp_path / f"{package.name}.libs").symlink_to(package.with_name(f"{package.name}.libs"))
    monkeypatch.setattr(postgres_files, "find_package", lambda: tmp_path / package.name)

    with embedded.ensure(data_dir, redis=False) as layout, connect(layout):
        pid = running_pid(data_dir, "postgres")
        assert Path(f"/proc/{pid}/exe").readlink().is_relative_to(postgres_files.programs_copy(layout))


def test_no_process_survives_a_failed_start(data_dir):
    with embedded.ensure(data_dir, redis=False) as layout:
        pass
    (layout.pg_data / "global" / "pg_control").unlink()

    with pytest.raises(embedded.EmbeddedError, match="postgres does not answer"), embedded.ensure(data_dir):
        pass

    assert list((data_dir / "run").glob("*.pid")) == []
