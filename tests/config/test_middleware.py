"""What every request gets: one access line without content, and errors that tell nothing but their id."""

import logging
import re

import pytest
from django.test import Client

from config.lib.ids import is_id
from config.lib.logs import WordlessFormatter
from tests.config.broken_urls import CANARY

PAGE = {"HTTP_ACCEPT": "text/html"}
SERVER_ERROR = "Something went wrong on the server. It has been logged; quote the errorId when you report it."


@pytest.fixture(autouse=True)
def _broken(settings):
    settings.ROOT_URLCONF = "tests.config.broken_urls"


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def written(caplog):
    """Give all that the product's own handler would have written."""
    caplog.set_level(logging.INFO)
    line = WordlessFormatter("{levelname} {name}: {message}", style="{")
    return lambda: "\n".join(line.format(record) for record in caplog.records)


def test_access_line_holds_the_route_and_nothing_of_the_request(client, written):
    client.get(f"/well?token={CANARY}", HTTP_X_SECRET=CANARY)
    client.post(f"/well?token={CANARY}", {"password": CANARY})
    client.get(f"/nowhere/{CANARY}")

    lines = [re.sub(r"\d+ ms", "0 ms", line).rstrip() for line in written().splitlines()]
    assert lines == [
        "INFO tertulia.access: GET well 200 0 ms",
        "INFO tertulia.access: POST well 200 0 ms",
        "INFO tertulia.access: GET - 404 0 ms",
    ]


@pytest.mark.parametrize("path", ["/fail", "/api-fail"])
def test_unforeseen_error_tells_only_an_id_that_the_log_has(client, written, path):
    answer = client.get(path)

    body = answer.json()
    error_id = body.pop("errorId")
    assert (answer.status_code, body) == (500, {"success": False, "message": SERVER_ERROR, "code": "server_error"})
    assert is_id(error_id)
    error, access = (line for line in written().splitlines() if error_id in line)
    assert error == f"ERROR tertulia.api: unforeseen error {error_id}: ValueError"
    assert re.fullmatch(rf"INFO tertulia.access: GET \w+ 500 \d+ ms {error_id}", access)


def test_unforeseen_error_is_logged_with_its_place_and_without_its_words(client, written):
    client.get("/fail")

    log = written()
    assert CANARY not in log
    assert re.search(r'broken_urls.py", line \d+, in fail\n +raise KeyError\(CANARY\)\nbuiltins.KeyError\n', log)
    assert re.search(r"raise ValueError\(CANARY\) from error\nbuiltins.ValueError\n", log)


def test_unforeseen_error_of_a_page_shows_its_id(client, written):
    answer = client.get("/fail", **PAGE)

    assert answer.status_code == 500
    shown = re.findall(r"[0-9a-f]{24}", answer.content.decode())
    assert len(shown) == 1
    assert shown[0] in written()
    assert CANARY not in answer.content.decode()


def test_error_outside_the_views_is_answered_and_logged_alike(client, written, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.config.broken_urls.FailingMiddleware"]

    answer = client.get("/well")

    assert (answer.status_code, answer.json()["code"]) == (500, "server_error")
    assert f"unforeseen error {answer.json()['errorId']}: ValueError" in written()
    assert CANARY not in written()


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        (
            "/refuse",
            409,
            {"success": False, "message": "Not now.", "code": "out_of_order", "errors": {"when": ["later"]}},
        ),
        ("/miss", 404, {"success": False, "message": "There is no such page.", "code": "not_found"}),
        ("/suspect", 400, {"success": False, "message": "The request is not valid.", "code": "bad_request"}),
        ("/forbid", 403, {"success": False, "message": "This is not allowed.", "code": "not_allowed"}),
    ],
)
def test_refusal_keeps_its_status_and_code(client, path, status, body):
    answer = client.get(path)

    assert (answer.status_code, answer.json()) == (status, body)


@pytest.mark.parametrize(("path", "status"), [("/refuse", 409), ("/miss", 404), ("/suspect", 400), ("/forbid", 403)])
def test_refusal_of_a_page_is_a_page(client, path, status):
    answer = client.get(path, **PAGE)

    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert CANARY not in answer.content.decode()
