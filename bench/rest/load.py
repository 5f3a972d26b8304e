"""A load client: keep-alive connections that ask again as soon as they are answered; prints what came as JSON.

It runs in a process of its own, so that it can have a core of its own: `python -m bench.rest.load 1 8000 /path token
16 3` names the core, the port, the path, the bearer token, the number of connections, and the seconds.
"""

import asyncio
import json
import os
import re
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from typing import cast

import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
HEAD_END = b"\r\n\r\n"


@dataclass
class Tally:
    request: bytes
    deadline: float
    taken: list[float] = field(default_factory=list)
    refused: str = ""


class Caller(asyncio.Protocol):
    """One connection, which has one request under way."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.is_over = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None
        self._parts: list[bytes] = []
        self._missing = 0
        self._asked = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            self._parts.append(data)
            self._read_head(b"".join(self._parts))
        if not self._missing and not self._parts:
            self.tally.taken.append(time.perf_counter() - self._asked)
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.is_over.done():
            self.tally.refused = self.tally.refused or f"the connection was lost: {error}"
            self.is_over.set_result(None)

    def _read_head(self, head: bytes) -> None:
        end = head.find(HEAD_END)
        if end < 0:
            return
        self._parts.clear()
        length = LENGTH.search(head, 0, end)
        if not head.startswith(b"HTTP/1.1 200") or length is None:
            self.tally.refused = head[:500].decode(errors="replace")
            self._finish()
            return
        self._missing = int(length[1]) - (len(head) - end - len(HEAD_END))

    def _ask(self) -> None:
        self._asked = time.perf_counter()
        if self._asked >= self.tally.deadline:
            self._finish()
        elif self._transport and not self.is_over.done():
            self._transport.write(self.tally.request)

    def _finish(self) -> None:
        if not self.is_over.done():
            self.is_over.set_result(None)
        if self._transport:
            self._transport.close()


async def load(port: int, path: str, token: str, connections: int, seconds: float) -> Tally:
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: application/json\r\n"
    request = f"{head}Authorization: Bearer {token}\r\n\r\n".encode()
    tally = Tally(request, time.perf_counter() + seconds)
    loop = asyncio.get_running_loop()
    callers = []
    for _ in range(connections):
        _transport, caller = await loop.create_connection(partial(Caller, tally), "127.0.0.1", port)
        callers.append(caller)
    await asyncio.gather(*(caller.is_over for caller in callers))
    return tally


def main(core: str, port: str, path: str, token: str, connections: str, seconds: str) -> None:
    os.sched_setaffinity(0, {int(core)})
    begun, worked = time.perf_counter(), time.process_time()
    tally = uvloop.run(load(int(port), path, token, int(connections), float(seconds)))
    if tally.refused:
        raise SystemExit(tally.refused)
    ranked = sorted(tally.taken)
    report = {
        "requests": len(ranked),
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - worked,
        "p50": ranked[len(ranked) // 2] * 1000,
        "p99": ranked[len(ranked) * 99 // 100] * 1000,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main(*sys.argv[1:])
