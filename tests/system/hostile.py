"""A client that obeys no protocol: it shakes hands as it should, and then sends whatever bytes it is told to."""

import asyncio
import base64
import os
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE, PING = 0x1, 0x2, 0x8, 0x9
FIN = 0x80
SECONDS = 10


def frame(payload: bytes, *, opcode: int = TEXT, first: int = FIN, is_masked: bool = True, length: int = -1) -> bytes:
    """Write one frame (RFC 6455, 5.2), right or wrong."""
    told = len(payload) if length < 0 else length
    mask_bit = 0x80 if is_masked else 0
    if told < 126:
        head = struct.pack("!BB", first | opcode, mask_bit | told)
    elif told < 1 << 16:
        head = struct.pack("!BBH", first | opcode, mask_bit | 126, told)
    else:
        head = struct.pack("!BBQ", first | opcode, mask_bit | 127, told)
    # Masked with zeroes, a payload stays as it is.
    return head + (b"\0\0\0\0" if is_masked else b"") + payload


@dataclass
class Hostile:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, frames: bytes) -> None:
        """Send bytes for as long as the server takes any."""
        with suppress(ConnectionError):
            self.writer.write(frames)
            await self.writer.drain()

    async def closes(self) -> int:
        """Read until the server hangs up; give its code, or 1006 if it said none."""
        async with asyncio.timeout(SECONDS):
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    opcode, payload = await self._read()
                    if opcode == CLOSE:
                        return int(struct.unpack("!H", payload[:2])[0])
        return 1006

    async def _read(self) -> tuple[int, bytes]:
        first, length = await self.reader.readexactly(2)
        if length == 126:
            length = struct.unpack("!H", await self.reader.readexactly(2))[0]
        elif length == 127:
            length = struct.unpack("!Q", await self.reader.readexactly(8))[0]
        return first & 0xF, await self.reader.readexactly(length)


@asynccontextmanager
async def breaking_in(base_url: str, path: str, token: str) -> AsyncIterator[Hostile]:
    parts = urlsplit(base_url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Protocol: meet.v1, bearer.{token}",
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    assert b" 101 " in answer.split(b"\r\n")[0]
    try:
        yield Hostile(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
