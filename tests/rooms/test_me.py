"""The socket of one person while Redis or the database is away."""

import pytest
from channels.testing import WebsocketCommunicator
from django.db import OperationalError
from redis.exceptions import ConnectionError as RedisDown

from config.realtime import personal_socket
from rooms import me
from rooms.actions.listening import Listener

OUTAGES = [OperationalError, RedisDown]


@pytest.fixture
async def socket():
    socket = WebsocketCommunicator(personal_socket(), "/ws/me", subprotocols=["meet.v1", "bearer.a"])
    yield socket
    await socket.disconnect()


@pytest.fixture
def fail(monkeypatch):
    def fail(at, name, error):
        def failing(*_, **__):
            raise error("a table called secret")

        monkeypatch.setattr(at, name, failing)

    return fail


@pytest.mark.parametrize("error", OUTAGES)
async def test_who_cannot_be_looked_up_for_now_is_asked_to_come_again(socket, fail, error):
    fail(me.listening, "by_bearer", error)

    await socket.connect()
    closed = await socket.receive_output()

    assert (closed["type"], closed["code"]) == ("websocket.close", 1012)


@pytest.mark.parametrize("error", OUTAGES)
async def test_what_cannot_be_done_for_now_is_refused_and_the_socket_stays(socket, fail, error, monkeypatch):
    monkeypatch.setattr(me.listening, "by_bearer", lambda _: Listener("user.a", user_id="a"))
    fail(me.User.objects, "get", error)

    await socket.connect()
    await socket.send_json_to({"type": "ring", "ref": "1", "to": "b", "roomId": "c"})
    answer = await socket.receive_json_from()

    assert answer == {
        "type": "error",
        "ref": "1",
        "code": "not_allowed",
        "message": "That does not work just now: try again in a moment.",
    }
    assert await socket.receive_nothing()
