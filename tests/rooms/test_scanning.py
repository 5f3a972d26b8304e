"""The virus scanner: a real clamd where one is installed, and none that answers."""

import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from config.checks import scanner_has_an_address
from rooms import scanning
from rooms.exceptions import InfectedFile, ScannerUnavailable

# Not the test file of the scanners' makers, which stops them in the middle of this repository.
VIRUS = b"tertulia-test-virus" * 4
LEFT_OUT = "clamd is not installed: the scanner is not tested"
FEW_BYTES = 2000


@pytest.fixture(scope="module")
def clamd(tmp_path_factory) -> Path:
    """Run a clamd that knows one virus, ours; give the path of its socket."""
    program = shutil.which("clamd")
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(LEFT_OUT)
    folder = tmp_path_factory.mktemp("clamd")
    (folder / "known.ndb").write_text(f"Tertulia.Test:0:*:{VIRUS.hex()}\n")
    lines = [f"LocalSocket {folder}/socket", f"DatabaseDirectory {folder}", "Foreground yes", "FixStaleSocket yes"]
    (folder / "clamd.conf").write_text("\n".join([*lines, f"StreamMaxLength {FEW_BYTES}", ""]))
    process = subprocess.Popen([program, "-c", str(folder / "clamd.conf")], stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            if (folder / "socket").exists():
                break
            assert process.poll() is None, "clamd did not start"
            time.sleep(0.1)
        yield folder / "socket"
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def scan(tmp_path, settings):
    def scan(url: str, content: bytes) -> None:
        settings.CLAMD_URL = url
        path = tmp_path / "file"
        path.write_bytes(content)
        scanning.check(path)

    return scan


@pytest.fixture
def peer():
    """Listen on TCP and answer every connection with one line, as a clamd in trouble might."""
    server = socket.create_server(("127.0.0.1", 0))

    def answering(line: bytes) -> str:
        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                while not connection.recv(65536).endswith(bytes(4)):
                    pass
                connection.sendall(line)

        threading.Thread(target=serve, daemon=True).start()
        return f"tcp://127.0.0.1:{server.getsockname()[1]}"

    yield answering
    server.close()


@pytest.mark.parametrize(
    ("url", "is_sound"),
    [("", True), ("/run/clamd", True), ("unix:///run/clamd", True), ("tcp://127.0.0.1:3310", True), ("clamd", False)],
)
def test_address_that_is_none_is_found_at_the_start(settings, url, is_sound):
    settings.CLAMD_URL = url

    assert [found.id for found in scanner_has_an_address([])] == ([] if is_sound else ["config.E008"])


def test_nothing_is_scanned_without_a_scanner(scan):
    assert scan("", VIRUS) is None


def test_harmless_file_passes(clamd, scan):
    assert scan(str(clamd), b"Only a few words.") is None


def test_virus_is_found(clamd, scan):
    with pytest.raises(InfectedFile):
        scan(str(clamd), b"words " + VIRUS)


def test_file_that_the_scanner_will_not_take_is_not_kept(clamd, scan):
    with pytest.raises(ScannerUnavailable):
        scan(str(clamd), b"x" * 10**7)


def test_scanner_on_another_machine(scan, peer):
    scan(peer(b"stream: OK\n"), b"words")

    with pytest.raises(InfectedFile):
        scan(peer(b"stream: Eicar FOUND\n"), b"words")


@pytest.mark.parametrize("line", [b"", b"what?\n", b"stream: Can't allocate memory ERROR\n"])
def test_scanner_that_does_not_say_yes_or_no(scan, peer, line):
    with pytest.raises(ScannerUnavailable):
        scan(peer(line), b"words")


@pytest.mark.parametrize("url", ["/no/such/socket", "unix:///no/such/socket", "tcp://127.0.0.1:1", "tcp://:x"])
def test_scanner_that_is_not_there(scan, url):
    with pytest.raises(ScannerUnavailable):
        scan(url, b"words")
