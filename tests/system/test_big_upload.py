"""A gigabyte that nobody asked for leaves neither bytes nor memory behind; nor does an upload that never ends."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jwt
import psutil
import pytest

from accounts import tokens
from tests.system.people import Person, database, make_administrator, register
from tests.system.processes import RunningSystem, run_manage, serving, wait_until

GIB = 2**30
MIB = 2**20
BLOCK = bytes(MIB)
# What the answers themselves, logs and audit rows may take, and what Python's allocator keeps back.
FEW = 8 * MIB
LIMIT = 64 * MIB
HEAD = b'--boundary\r\nContent-Disposition: form-data; name="file"; filename="a.flac"\r\n\r\n'


@pytest.fixture(scope="module")
def system():
    with serving(env={"UPLOAD_MAX_BYTES": str(LIMIT), "WORK_SWEEP_SECONDS": "2"}) as running:
        yield running


@pytest.fixture(scope="module")
def host(system) -> Person:
    return register(system, "host")


class Upload:
    """An upload by hand, block by block, with or without a declared length."""

    def __init__(self, system: RunningSystem, headers: dict[str, str], length: int | None) -> None:
        host, _, port = system.base_url.removeprefix("http://").partition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=20)
        self._is_chunked = length is None
        size = {"Transfer-Encoding": "chunked"} if length is None else {"Content-Length": str(length)}
        fields = {"Host": f"{host}:{port}", "Content-Type": "multipart/form-data; boundary=boundary", **size, **headers}
        lines = ["POST /meetings/import HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())

    def send(self, block: bytes) -> None:
        self.socket.sendall(b"%x\r\n%s\r\n" % (len(block), block) if self._is_chunked else block)

    def send_zeros(self, total: int) -> int:
        """Send so many bytes, or as many as are taken; return how many that were."""
        sent = 0
        try:
            self.send(HEAD)
            while sent < total:
                self.send(BLOCK)
                sent += len(BLOCK)
        except (ConnectionError, TimeoutError):
            # Refused, and not listened to any more.
            return sent
        return sent

    def answer(self) -> tuple[int, str]:
        """Read the answer that came, however the connection ended."""
        received = b""
        try:
            while block := self.socket.recv(65536):
                received += block
        except ConnectionError:
            pass
        return int(received.split()[1]), received.decode()


@contextmanager
def uploading(system: RunningSystem, headers: dict[str, str], length: int | None) -> Iterator[Upload]:
    upload = Upload(system, headers, length)
    with upload.socket:
        yield upload


def web(system: RunningSystem) -> psutil.Process:
    pid = system.pid("web")
    assert pid is not None
    return psutil.Process(pid)


def memory_of(system: RunningSystem) -> int:
    return web(system).memory_full_info().pss


def uploads(system: RunningSystem) -> list[Path]:
    folder = system.data_dir / "uploads"
    return list(folder.iterdir()) if folder.exists() else []


def stored(system: RunningSystem) -> int:
    """Count the bytes below the data folder but the database's journal, which is a ring of files."""
    return sum(
        path.stat().st_size for path in system.data_dir.rglob("*") if path.is_file() and "pg_wal" not in path.parts
    )


def rows(system: RunningSystem) -> int:
    with database(system.data_dir) as connection:
        return connection.execute("SELECT count(*) FROM meetings_meeting").fetchall()[0][0]


def expired(token: str, secret: str) -> str:
    """Make the token that this one was a day ago."""
    claims = jwt.decode(token, options={"verify_signature": False})
    claims |= {"iat": claims["iat"] - 86400, "exp": claims["iat"] - 3600}
    return tokens._backend("access", secret).encode(claims)


def bearers(system: RunningSystem, host: Person) -> dict[str, dict[str, str]]:
    token = host.headers["Authorization"].removeprefix("Bearer ")
    secret = (system.data_dir / "secrets" / "secret_key").read_text().strip()
    old, forged = expired(token, secret), token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    return {
        "nobody": {},
        "expired": {"Authorization": f"Bearer {old}"},
        "forged": {"Authorization": f"Bearer {forged}"},
        "cookie of nobody": {"Cookie": "sessionid=0123456789abcdef0123456789abcdef"},
        "administrator": make_administrator(system).headers,
    }


@pytest.mark.parametrize("is_declared", [True, False])
def test_gigabyte_of_somebody_who_may_not_is_refused_and_forgotten(system, host, is_declared):
    senders = bearers(system, host) if is_declared else {"nobody": {}}
    length = GIB if is_declared else None
    for headers in senders.values():
        # Once, so that what is loaded at the first time is not counted.
        with uploading(system, headers, length) as upload:
            upload.send_zeros(MIB)
    memory, size = memory_of(system), stored(system)

    for who, headers in senders.items():
        begun = time.monotonic()
        with uploading(system, headers, length) as upload:
            upload.send_zeros(GIB)
            status, answer = upload.answer()

        assert status == (403 if who == "administrator" else 401), who
        assert ("content_closed_to_admins" if status == 403 else "not_authenticated") in answer
        assert time.monotonic() - begun < 15
    assert memory_of(system) - memory < FEW
    assert stored(system) - size < FEW
    assert uploads(system) == []
    assert rows(system) == 0


@pytest.mark.parametrize("is_declared", [True, False])
def test_upload_over_the_limit_leaves_nothing(system, host, is_declared):
    size = stored(system)

    with uploading(system, host.headers, 2 * LIMIT if is_declared else None) as upload:
        upload.send_zeros(2 * LIMIT)
        status, answer = upload.answer()

    assert status == 413
    assert "One import may hold 64 MiB in all." in answer
    assert uploads(system) == []
    assert stored(system) - size < FEW


def test_upload_of_a_member_does_not_grow_the_web_process(system, host):
    memory = memory_of(system)

    with uploading(system, host.headers, None) as upload:
        upload.send_zeros(LIMIT - MIB)
        wait_until(lambda: written(system) > LIMIT // 2, 20, "most of it is on disk")
        grown = memory_of(system) - memory

    assert grown < 2 * FEW
    wait_until(lambda: uploads(system) == [], 10, "the folder of the client that hung up is gone")


def written(system: RunningSystem) -> int:
    return sum(path.stat().st_size for folder in uploads(system) for path in folder.iterdir())


def test_client_that_hangs_up_leaves_nothing(system, host):
    with uploading(system, host.headers, LIMIT // 2) as upload:
        upload.send_zeros(8 * MIB)
        wait_until(lambda: written(system) > 4 * MIB, 10, "it is being written")

    wait_until(lambda: uploads(system) == [], 10, "its folder is gone")
    assert rows(system) == 0


def test_what_a_killed_web_process_was_writing_is_removed_when_it_is_old(system, host):
    with uploading(system, host.headers, LIMIT // 2) as upload:
        upload.send_zeros(8 * MIB)
        wait_until(lambda: written(system) > 4 * MIB, 10, "it is being written")
        system.wait_for_restart("web", system.kill("web"))

    [left] = uploads(system)
    run_manage(system.data_dir, "shell", "-c", "from config.lib import staging; staging.remove_stale()")
    assert uploads(system) == [left]
    # Six hours later.
    for path in (left, *left.iterdir()):
        os.utime(path, (time.time() - 7 * 3600,) * 2)

    # Workers look when they start, and every ten minutes.
    system.wait_for_restart("worker", system.kill("worker"))
    wait_until(lambda: uploads(system) == [], 20, "the worker has removed it")
    system.wait_until_ready()


def test_honest_upload_is_still_taken(system, host):
    meeting_id = host.import_demo("Honest", seconds=5)

    host.wait_for_everything(meeting_id)
    assert rows(system) == 1
    assert uploads(system) == []
