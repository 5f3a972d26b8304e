"""How one joins a room of a server, speaks in it, and is heard: what the load client is told of each."""

from dataclasses import dataclass

# What the load client puts in place of {stamp}: nanoseconds of a clock that only runs forward.
STAMP_DIGITS = 19


@dataclass(frozen=True)
class Wire:
    """A way of speaking WebSocket.

    The load client fills in `{room}`, `{token}` and `{sid}`. `joining` are its steps: `say` a text frame, `expect` a
    text in what comes. A delivery is a text frame with the event's `fanout@{stamp}` in it, wherever the server puts
    it; `{pad}` makes the event as long as it is to be.
    """

    path: str
    joining: tuple[str, ...]
    event: str
    protocols: str = ""
    # Engine.IO's polling, asked first, for clients that upgrade; what it answers as "sid" is {sid} in `path`.
    sid_path: str = ""
    ping_pong: tuple[str, str] | None = None

    def lines(self, size: int) -> list[str]:
        """Say it as the load client reads it, with events of `size` bytes."""
        said = {"path": self.path, "protocols": self.protocols, "sid_path": self.sid_path}
        ping, pong = self.ping_pong or ("", "")
        said |= {"ping": ping, "pong": pong, "event": sized(self.event, size)}
        return [*(f"{word} {value}" for word, value in said.items() if value), *self.joining]


def sized(event: str, size: int) -> str:
    """Fill an event up to `size` bytes as it is sent."""
    bare = len(event.replace("{stamp}", "0" * STAMP_DIGITS).replace("{pad}", "").encode())
    return event.replace("{pad}", "x" * max(0, size - bare))


def socket_io(path: str, *, auth: str, event: str, is_upgrading: bool = False) -> Wire:
    """Join as a Socket.IO 4 client does: over WebSocket alone, or first by polling and then by an upgrade."""
    query = f"{path}/?EIO=4&transport="
    opening = ("say 2probe", "expect 3probe", "say 5") if is_upgrading else ("expect 0{",)
    return Wire(
        path=f"{query}websocket&sid={{sid}}" if is_upgrading else f"{query}websocket",
        sid_path=f"{query}polling" if is_upgrading else "",
        joining=(
            *opening,
            f"say 40{auth}",
            "expect 40{",
            'say 42["room.join",{"type":"room.join","roomId":"{room}"}]',
            "expect room_connected",
        ),
        event=event,
        ping_pong=("2", "3"),
    )
