"""How the web processes read HTTP: as uvicorn does, with a bound on what is not the content of a message."""

import asyncio
import json
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Request line, headers, trailers and what lies between chunks; proxies and browsers send a few KiB.
MAX_BYTES = 64 * 1024
CONTENT = json.dumps(
    {
        "success": False,
        "message": f"The headers of a request hold at most {MAX_BYTES} bytes.",
        "code": "headers_too_large",
    }
).encode()


class BoundedHttp(HttpToolsProtocol):
    """Hangs up on whoever sends headers without end, which the parser would keep in memory."""

    transport: asyncio.Transport
    parser: Any
    # Received since content or the end of a message came last, not counting the rest of that read.
    _unread = 0

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            # TLS still hands over what it had received.
            return
        self._unread += len(data)
        super().data_received(data)
        if self._unread > MAX_BYTES and not self.transport.is_closing():
            self._refuse()

    def handle_websocket_upgrade(self) -> None:
        super().handle_websocket_upgrade()
        # It holds this, which would stay until the next large collection of garbage, for each socket.
        self.parser = None

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._unread = 0
        super().on_message_complete()

    def _refuse(self) -> None:
        # After the trailers of a chunked body an answer may be under way, and a second one would only garble it.
        if self.cycle is None or self.cycle.response_complete:
            lines = [
                "HTTP/1.1 431 Request Header Fields Too Large",
                "content-type: application/json",
                f"content-length: {len(CONTENT)}",
                "connection: close",
            ]
            self.transport.write("\r\n".join([*lines, "", ""]).encode() + CONTENT)
        self.transport.close()
