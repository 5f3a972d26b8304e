"""What stands before Django: bodies are bounded, errors of the applications beside it answered, lifespan spoken."""

import asyncio
import logging
import re

import pytest

from config import routing
from config.asgi import application
from config.lib.asgi import Body, refuse_body, send_refusal
from recordings.exceptions import DecodeFailed
from tests.asgi import call, chunked
from tests.config.broken_urls import CANARY

MIB = 2**20
LIMIT = 2 * MIB
REFUSED = {"success": False, "message": f"This call takes at most {LIMIT} bytes.", "code": "body_too_large"}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def access(caplog):
    """Give the access lines, without their times."""
    caplog.set_level(logging.INFO)

    def lines() -> list[str]:
        said = [record.getMessage() for record in caplog.records if record.name == "tertulia.access"]
        return [re.sub(r"\d+ ms", "0 ms", line).rstrip() for line in said]

    return lines


def test_declared_body_over_the_limit_is_refused_before_django(access):
    answer = call("POST", "/auth/login", content=b"x" * (LIMIT + 1))

    assert (answer.status_code, answer.json()) == (413, REFUSED)
    assert answer.headers["connection"] == "close"
    assert access() == ["POST - 413 0 ms"]


def test_undeclared_body_over_the_limit_is_refused_before_django(access):
    answer = call("POST", "/auth/login", content=chunked([b"x" * MIB] * 3))

    assert (answer.status_code, answer.json()) == (413, REFUSED)
    assert access() == ["POST - 413 0 ms"]


def test_undeclared_body_is_not_read_beyond_the_limit_for_django():
    taken = []

    async def counting():
        for number in range(200):
            taken.append(number)
            yield b"x" * MIB
            await asyncio.sleep(0.05)

    answer = call("POST", "/auth/login", content=counting())

    assert answer.status_code == 413
    # What follows the refusal is thrown away for a moment, not for as long as it comes.
    assert len(taken) < 100


@pytest.mark.parametrize("as_chunks", [True, False])
def test_body_of_exactly_the_limit_reaches_django(access, as_chunks):
    content = b'{"userName": "' + b"x" * (LIMIT - 16) + b'"}'

    answer = call(
        "POST",
        "/auth/login",
        content=chunked([content]) if as_chunks else content,
        headers={"Content-Type": "application/json"},
    )

    assert len(content) == LIMIT
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert access() == ["POST api_login 400 0 ms"]


def test_many_small_parts_of_a_body_are_added_up():
    answer = call("POST", "/auth/login", content=chunked([b"x" * 1000] * (LIMIT // 1000 + 1)))

    assert answer.status_code == 413


def test_length_that_is_no_number_is_not_believed():
    answer = call("POST", "/auth/login", content=chunked([b"{}"]), headers=[(b"Content-Length", b"\xb2")])

    assert answer.status_code != 500


def test_unforeseen_error_beside_django_tells_only_an_id_that_the_log_has(monkeypatch, access, caplog):
    async def fail(scope, receive, send):
        raise ValueError(CANARY)

    monkeypatch.setattr(routing, "LARGE_BODIES", [("GET", re.compile("/fail"), "fail", fail)])

    answer = call("GET", f"/fail?token={CANARY}")

    body = answer.json()
    error_id = body.pop("errorId")
    assert (answer.status_code, body["code"], CANARY in answer.text) == (500, "server_error", False)
    assert access() == [f"GET fail 500 0 ms {error_id}"]
    assert any(record.getMessage() == f"unforeseen error {error_id}: ValueError" for record in caplog.records)


def test_error_in_mid_answer_does_not_begin_a_second_one(monkeypatch, access):
    async def fail(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError(CANARY)

    monkeypatch.setattr(routing, "LARGE_BODIES", [("GET", re.compile("/fail"), "fail", fail)])
    sent = []

    async def note(message):
        sent.append(message["type"])

    scope = {"type": "http", "method": "GET", "path": "/fail", "headers": []}
    asyncio.run(application(scope, None, note))

    assert sent == ["http.response.start"]
    assert re.fullmatch(r"GET fail 200 0 ms [0-9a-f]{24}", access()[0])


def test_lifespan_is_answered():
    said = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent = []

    async def receive():
        return next(said)

    async def send(message):
        sent.append(message)

    asyncio.run(application({"type": "lifespan"}, receive, send))

    assert sent == [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}]


def test_web_socket_is_closed():
    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(application({"type": "websocket", "path": "/ws/room", "headers": []}, None, send))

    assert sent == [{"type": "websocket.close"}]


@pytest.mark.parametrize("answer", [send_refusal, lambda send, error: refuse_body(send, error, Body(None))])
async def test_fault_of_ours_is_raised_on_and_not_told(answer):
    sent = []

    async def send(message):
        sent.append(message)

    with pytest.raises(DecodeFailed):
        await answer(send, DecodeFailed("Only up to 0.0 s.", decoded_ms=0))

    assert sent == []
