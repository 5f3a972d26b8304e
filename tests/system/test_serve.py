"""`manage.py serve` as people and init systems treat it: started, killed in parts and whole, stopped."""

import os
import re
import signal
import socket
import ssl
import stat

import httpx
import psutil
import pytest
import redis

from config.lib import embedded
from config.serve.http import MAX_BYTES
from tests.system.people import database
from tests.system.processes import (
    RunningSystem,
    free_port,
    new_data_dir,
    read_until_ready,
    run_manage,
    serving,
    start_serve,
    stderr_path,
    still_running,
    wait_until,
)

STOP_SECONDS = 10
MIB = 2**20
# What a stranger sends first, and then again and again.
ENDLESS = {
    "path": (b"GET /", b"x" * 65536),
    "one header": (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ", b"x" * 65536),
    "many headers": (b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X-Many: yes\r\n" * 5000),
    "trailers": (
        b"POST /auth/login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n",
        b"X-Many: yes\r\n" * 5000,
    ),
}


@pytest.fixture(scope="module")
def system():
    with new_data_dir() as data_dir, serving(data_dir) as running:
        yield running


def redis_of(system: RunningSystem) -> redis.Redis:
    return redis.Redis.from_url(embedded.redis_url(embedded.locate(system.data_dir)))


def run_serve(data_dir, port: int) -> tuple[int, str]:
    """Run a `serve` that cannot start; return its exit code and what it said."""
    popen = start_serve(data_dir, port)
    with popen:
        code = popen.wait(30)
    return code, stderr_path(data_dir, port).read_text()


def test_new_folder_is_ready_and_private(system):
    port = httpx.URL(system.base_url).port

    answer = httpx.get(f"{system.base_url}/health/ready")

    assert system.lines == [f"Tertulia is ready at http://127.0.0.1:{port}"]
    assert answer.json()["checks"] == dict.fromkeys(("database", "redis", "worker", "storage"), "ok")
    assert sorted(system.pids()) == ["postgres", "redis", "web", "worker"]
    assert (system.data_dir / "run" / "public_url").read_text() == f"{system.base_url}\n"
    # Search permission for PostgreSQL's user is all that others may have.
    assert stat.S_IMODE(system.data_dir.stat().st_mode) & 0o066 == 0
    for name in ("run", "logs", "secrets", "redis"):
        assert stat.S_IMODE((system.data_dir / name).stat().st_mode) == 0o700


def test_idle_system_fits_into_500_megabytes(system):
    shares = {process.pid: process.memory_full_info().pss for process in system.processes()}

    assert sum(shares.values()) < 500 * 2**20


def test_nothing_listens_beyond_loopback(system):
    listening = [
        connection.laddr.ip
        for process in system.processes()
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]

    assert listening == ["127.0.0.1"]


def test_logs_hold_no_query_strings(system):
    httpx.get(f"{system.base_url}/health/live?token=canary-in-the-query")
    httpx.get(f"{system.base_url}/no-such-page?token=canary-in-the-query")

    logs = [path.read_text() for path in (system.data_dir / "logs").iterdir()]

    assert any("/health/live" in log or "live" in log for log in logs)
    assert not any("canary-in-the-query" in log for log in logs)


def connect(system: RunningSystem) -> socket.socket:
    url = httpx.URL(system.base_url)
    return socket.create_connection((url.host, url.port), timeout=20)


def send_until_cut(connection: socket.socket, beginning: bytes, block: bytes, total: int) -> int:
    """Send so many bytes, or as many as are taken; return how many that were."""
    sent = 0
    try:
        connection.sendall(beginning)
        while sent < total:
            connection.sendall(block)
            sent += len(block)
    except ConnectionError:
        # Hung up.
        return sent
    return sent


def read_answer(connection: socket.socket) -> httpx.Response:
    with connection.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        headers = dict(line.decode().strip().split(": ", 1) for line in iter(stream.readline, b"\r\n"))
        return httpx.Response(status, headers=headers, content=stream.read(int(headers["content-length"])))


@pytest.mark.parametrize("kind", ENDLESS)
def test_endless_headers_are_cut_and_take_no_memory(system, kind):
    web = psutil.Process(system.pid("web"))
    before = web.memory_full_info().uss

    with connect(system) as connection:
        sent = send_until_cut(connection, *ENDLESS[kind], total=20 * MIB)
        grown = web.memory_full_info().uss - before

    assert sent < 20 * MIB
    assert grown < 4 * MIB
    assert system.is_ready()


def test_headers_over_the_limit_are_answered_in_one_sentence(system):
    with connect(system) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * MAX_BYTES)
        answer = read_answer(connection)

    assert (answer.status_code, answer.headers["connection"]) == (431, "close")
    assert answer.json() == {
        "success": False,
        "message": "The headers of a request hold at most 65536 bytes.",
        "code": "headers_too_large",
    }


def test_large_headers_and_bodies_of_many_small_chunks_are_no_endless_headers(system):
    head = (
        "POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked"
    )
    with connect(system) as connection:
        connection.sendall(f"{head}\r\nX-Long: {'x' * 60_000}\r\n\r\n".encode())
        for _ in range(30):
            connection.sendall(b"1\r\n \r\n" * 1000)
        connection.sendall(b"2\r\n{}\r\n0\r\n\r\n")
        answer = read_answer(connection)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_address_that_a_client_claims_is_not_believed(system):
    claimed = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    body = {"userName": "nobody@example.com", "password": "wrong horse"}

    answer = httpx.post(f"{system.base_url}/auth/login", json=body, headers=claimed)

    assert answer.status_code == 401
    with database(system.data_dir) as connection:
        addresses = connection.execute("SELECT DISTINCT address FROM accounts_auditevent").fetchall()
    assert addresses == [("127.0.0.1",)]


def test_taken_port_is_said_in_one_sentence():
    with socket.socket() as taken, new_data_dir() as data_dir:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        code, said = run_serve(data_dir, port)

        assert code == 1
        assert said == f"Port {port} is taken: stop the program that uses it, or choose another with --port.\n"


def test_second_serve_on_the_same_folder_is_refused(system):
    code, said = run_serve(system.data_dir, free_port())

    assert code == 1
    assert said == (
        f"Tertulia already runs on {system.data_dir}: stop it first, or choose another folder with --data.\n"
    )
    assert system.is_ready()


def test_other_commands_use_the_running_parts(system):
    before = system.pids()

    done = run_manage(system.data_dir, "migrate", "--check")

    assert (done.returncode, done.stderr) == (0, "")
    assert system.pids() == before


@pytest.mark.parametrize("name", ["redis", "postgres", "web", "worker"])
def test_killed_part_comes_back(system, name):
    redis_of(system).set("before", name)
    # The append-only file is synced every second; a killed process loses nothing that the kernel has.
    old = system.kill(name)

    system.wait_for_restart(name, old)
    system.wait_until_ready()

    assert not psutil.pid_exists(old)
    assert redis_of(system).get("before") == name.encode()


def test_children_of_a_killed_worker_end_with_it(system):
    pid = system.pid("worker")
    assert pid is not None
    # Beat, and at least one that works.
    wait_until(lambda: len(psutil.Process(pid).children(recursive=True)) >= 2, 30, "the worker has its children")
    family = psutil.Process(pid).children(recursive=True)

    system.kill("worker")
    system.wait_for_restart("worker", pid)

    assert still_running(family) == []


def test_second_instance_with_its_own_certificate_in_a_deep_folder(system):
    with new_data_dir(depth=150) as data_dir, serving(data_dir, "--tls", "auto") as other:
        ca = data_dir / "tls" / "ca.crt"
        trusting = ssl.create_default_context(cafile=ca)
        plain = re.findall(r"http://127\.0\.0\.1:\d+", other.lines[1])

        assert len(os.fsencode(data_dir)) > 150
        assert other.lines[0] == f"Devices must trust this certificate authority first: {ca}"
        assert other.base_url.startswith("https://127.0.0.1:")
        assert httpx.get(f"{other.base_url}/health/ready", verify=trusting).status_code == 200
        assert httpx.get(f"{plain[0]}/health/ready").status_code == 200
        assert system.is_ready()
        processes = other.processes()
        assert sorted(other.pids()) == ["postgres", "redis", "web", "web-tls", "worker"]

        seconds = other.stop()

        assert seconds < STOP_SECONDS
        assert other.popen.returncode == 0
        assert still_running(processes) == []
        assert list((data_dir / "run").glob("*.pid")) == []
        assert system.is_ready()


def test_interrupt_while_starting_ends_everything():
    with new_data_dir() as data_dir, start_serve(data_dir, free_port()) as popen:
        run_dir = data_dir / "run"
        wait_until((run_dir / "redis.pid").exists, 30, "redis is started")
        serve = psutil.Process(popen.pid)
        processes = [serve, *serve.children(recursive=True)]

        popen.send_signal(signal.SIGINT)

        assert popen.wait(STOP_SECONDS) == 0
        assert still_running(processes) == []


def test_kill_of_serve_alone_leaves_no_stray_and_loses_nothing():
    with new_data_dir() as data_dir:
        port = free_port()
        popen = start_serve(data_dir, port)
        with popen:
            read_until_ready(popen)
            serve = psutil.Process(popen.pid)
            orphans = serve.children(recursive=True)
            first = RunningSystem(popen, f"http://127.0.0.1:{port}", data_dir, [])
            redis_of(first).set("kept", "yes")
            secrets = {path.name: path.read_text() for path in (data_dir / "secrets").iterdir()}
            popen.kill()

        # At once and on the same port, while what is left may still be ending.
        with serving(data_dir, port=port) as system:
            assert still_running(orphans) == []
            assert redis_of(system).get("kept") == b"yes"
            assert {path.name: path.read_text() for path in (data_dir / "secrets").iterdir()} == secrets
            assert run_manage(data_dir, "migrate", "--check").returncode == 0
