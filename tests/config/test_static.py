"""Static files under ASGI and WSGI alike, and what is no static file beside them."""

import pytest
from django.conf import settings
from django.test import AsyncClient, Client

SHEET = "css/tertulia.css"


@pytest.fixture
def content() -> bytes:
    return (settings.BASE_DIR / "static" / SHEET).read_bytes()


def test_static_file_is_served_under_wsgi(content):
    answer = Client().get(f"/static/{SHEET}")

    assert (answer.status_code, b"".join(answer)) == (200, content)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ('text/css; charset="utf-8"', "nosniff")


async def test_static_file_is_served_under_asgi(content):
    answer = await AsyncClient().get(f"/static/{SHEET}")

    assert answer.status_code == 200
    assert b"".join([part async for part in answer.streaming_content]) == content


def test_file_that_is_not_there_is_answered_like_any_path():
    answer = Client().get("/static/css/nothing.css")

    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")
