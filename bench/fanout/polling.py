"""A member who joins a room of ours by polling, and then polls no more."""

import json
from http.client import HTTPConnection
from typing import Self

from bench.fanout.contenders import Member

PATH = "/socket.io/?EIO=4&transport=polling"
TIMEOUT_SECONDS = 10


class Polling:
    def __init__(self, port: int) -> None:
        self._polls = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        self._posts = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
        self._path = PATH
        _, opened = self._poll()
        self._path = f"{PATH}&sid={json.loads(opened[1:])['sid']}"

    @classmethod
    def joined(cls, port: int, member: Member) -> Self:
        made = cls(port)
        made._say("40" + json.dumps({"token": member.token}), "40{")
        made._say("42" + json.dumps(["room.join", {"roomId": member.room}]), "room_connected")
        return made

    def is_cut(self) -> bool:
        """Poll again, and say whether the server had hung up."""
        # The server has closed what nobody used for a while.
        self._polls.close()
        status, said = self._poll()
        self._polls.close()
        self._posts.close()
        return status != 200 or '"code":4429' in said

    def _say(self, text: str, expected: str) -> None:
        # The server may answer a post only when what it says of it was polled.
        self._posts.request("POST", self._path, text)
        while expected not in self._poll()[1]:
            pass
        self._posts.getresponse().read()

    def _poll(self) -> tuple[int, str]:
        self._polls.request("GET", self._path)
        answer = self._polls.getresponse()
        return answer.status, answer.read().decode()
