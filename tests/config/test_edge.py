"""What stands before Django and beside it: proxies are believed or not, plain http is not, other origins are named."""

import asyncio

import httpx
import pytest
from asgiref.sync import async_to_sync
from django.core.checks import run_checks
from django.test import Client

from accounts.models import AuditEvent
from config.asgi import application
from config.edge import behind_proxies_wsgi
from config.wsgi import application as wsgi_application
from tests.factories import make_meeting

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = {"Accept": "text/html"}
OTHER = "https://pages.example"
REFUSED = {
    "success": False,
    "message": "Use https://minutes.example: nothing is answered over plain http.",
    "code": "https_required",
}


def asgi(method, path, *, peer="127.0.0.1", **request):
    async def send():
        transport = httpx.ASGITransport(app=application, client=(peer, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            return await client.request(method, path, **request)

    return async_to_sync(send)()


def wsgi(method, path, *, peer="127.0.0.1", **request):
    transport = httpx.WSGITransport(app=wsgi_application, remote_addr=peer)
    with httpx.Client(transport=transport, base_url="http://127.0.0.1:8000") as client:
        return client.request(method, path, **request)


@pytest.fixture
def _https(settings):
    settings.PUBLIC_URL, settings.IS_HTTPS = "https://minutes.example", True


SERVERS = pytest.mark.parametrize("ask", [asgi, wsgi])


@SERVERS
@pytest.mark.parametrize(
    ("trusted", "address"), [([], "10.0.0.1"), (["192.0.2.0/24"], "10.0.0.1"), (["10.0.0.0/8"], "203.0.113.9")]
)
def test_address_is_the_clients_where_its_proxy_is_trusted(settings, ask, trusted, address):
    settings.TRUSTED_PROXIES = trusted
    body = {"userName": "nobody", "password": "wrong horse"}

    ask("POST", "/auth/login", peer="10.0.0.1", json=body, headers={"X-Forwarded-For": "198.51.100.7, 203.0.113.9"})

    assert AuditEvent.objects.get().address == address


def test_header_that_each_proxy_adds_anew_is_read_as_one_list(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    headers = [("X-Forwarded-For", "198.51.100.7"), ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-For", "10.0.0.2")]

    asgi("POST", "/auth/login", peer="10.0.0.1", json={"userName": "nobody", "password": "x"}, headers=headers)

    assert AuditEvent.objects.get().address == "203.0.113.9"


def test_scheme_is_the_one_that_a_trusted_proxy_was_asked_by(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    seen = {}

    def note(environ, start_response):
        seen.update(environ)
        return []

    behind_proxies_wsgi(note)(
        {
            "REMOTE_ADDR": "10.0.0.1",
            "wsgi.url_scheme": "http",
            "HTTP_X_FORWARDED_FOR": "203.0.113.9",
            "HTTP_X_FORWARDED_PROTO": "https",
        },
        None,
    )

    assert (seen["REMOTE_ADDR"], seen["wsgi.url_scheme"]) == ("203.0.113.9", "https")


@pytest.mark.usefixtures("_https")
@SERVERS
@pytest.mark.parametrize("path", ["/app/?q=a%20b", "/", "/m/68ee4b39b22d6134386fc5dc", "/nowhere"])
def test_page_over_plain_http_is_sent_to_https(ask, path):
    answer = ask("GET", path, peer="203.0.113.9")

    assert (answer.status_code, answer.headers["location"]) == (301, f"https://minutes.example{path}")


@pytest.mark.usefixtures("_https")
@SERVERS
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/auth/login"), ("GET", "/auth/me"), ("GET", "/api/schema"), ("POST", "/app/account")]
)
def test_call_over_plain_http_is_refused(ask, method, path):
    answer = ask(method, path, peer="203.0.113.9")

    assert (answer.status_code, answer.json()) == (403, REFUSED)


@pytest.mark.usefixtures("_https")
def test_form_over_plain_http_is_refused_with_a_page():
    answer = asgi("POST", "/accounts/sign-in", peer="203.0.113.9", headers=PAGE)

    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.usefixtures("_https")
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/meetings/import"), ("GET", "/m/68ee4b39b22d6134386fc5dc/audio")]
)
def test_call_beside_django_over_plain_http_is_refused(method, path):
    answer = asgi(method, path, peer="203.0.113.9", content=b"x" * 1000)

    assert (answer.status_code, answer.json()) == (403, REFUSED)


@pytest.mark.usefixtures("_https")
@SERVERS
@pytest.mark.parametrize(
    ("peer", "path", "headers"),
    [
        ("127.0.0.1", "/accounts/sign-in", {}),
        ("::1", "/accounts/sign-in", {}),
        ("203.0.113.9", "/health/live", {}),
        ("10.0.0.1", "/accounts/sign-in", {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}),
    ],
)
def test_this_machine_and_probes_and_what_came_by_https_are_answered(settings, ask, peer, path, headers):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]

    answer = ask("GET", path, peer=peer, headers=headers)

    assert answer.status_code == 200


@pytest.mark.usefixtures("_https")
def test_scheme_of_a_stranger_is_not_believed():
    answer = asgi("GET", "/auth/me", peer="203.0.113.9", headers={"X-Forwarded-Proto": "https"})

    assert answer.json() == REFUSED


@pytest.mark.usefixtures("_https")
@pytest.mark.parametrize(
    ("extensions", "sent"),
    [
        ({}, ["websocket.close"]),
        ({"websocket.http.response": {}}, ["websocket.http.response.start", "websocket.http.response.body"]),
    ],
)
def test_socket_over_plain_http_is_refused(extensions, sent):
    messages = []

    async def send(message):
        messages.append(message)

    scope = {"type": "websocket", "path": "/ws/room", "scheme": "ws", "headers": [], "client": ("203.0.113.9", 1)}
    asyncio.run(application({**scope, "extensions": extensions}, None, send))

    assert [message["type"] for message in messages] == sent
    assert messages[0].get("status", 403) == 403


@pytest.fixture
def _other_origin(settings):
    settings.ALLOWED_ORIGINS = settings.CORS_ALLOWED_ORIGINS = ["http://127.0.0.1:8000", OTHER]


@pytest.mark.usefixtures("_other_origin")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/auth/login"),
        ("PATCH", "/auth/me"),
        ("POST", "/meetings/import"),
        ("GET", "/m/68ee4b39b22d6134386fc5dc/audio"),
        ("DELETE", "/room/68aff60da51d6c83a24245a2"),
    ],
)
def test_preflight_of_an_allowed_page_passes_everywhere(method, path):
    asked = {
        "Origin": OTHER,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization, content-type, prefer",
    }

    answer = asgi("OPTIONS", path, headers=asked)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == OTHER
    assert method in answer.headers["access-control-allow-methods"]
    assert {"authorization", "content-type", "prefer"} <= set(
        answer.headers["access-control-allow-headers"].split(", ")
    )
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.usefixtures("_other_origin")
@pytest.mark.parametrize("path", ["/auth/me", "/m/68ee4b39b22d6134386fc5dc/audio"])
def test_answer_may_be_read_by_an_allowed_page(path):
    answer = asgi("GET", path, headers={"Origin": OTHER})

    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == OTHER
    assert set(answer.headers["access-control-expose-headers"].split(", ")) == {"Link", "Retry-After"}
    assert "origin" in answer.headers["vary"]
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.usefixtures("_other_origin")
@pytest.mark.parametrize("path", ["/auth/me", "/m/68ee4b39b22d6134386fc5dc/audio"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{OTHER}.evil.example", "\xff"])
def test_answer_may_not_be_read_by_other_pages(path, origin):
    answer = asgi("GET", path, headers=[(b"Origin", origin.encode("latin-1"))])

    assert "access-control-allow-origin" not in answer.headers


def test_refused_body_may_be_read_by_our_own_page():
    answer = asgi("POST", "/auth/login", content=b"x" * (2**21 + 1), headers={"Origin": "http://127.0.0.1:8000"})

    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (413, "http://127.0.0.1:8000")


def test_proxy_that_is_no_address_is_told(settings):
    settings.TRUSTED_PROXIES = ["10.0.0.0/8", "proxy.example"]

    found = [error for error in run_checks() if error.id == "config.E003"]

    assert [error.msg for error in found] == [
        "TRUSTED_PROXIES: 'proxy.example' is no address and no network such as 10.0.0.0/8."
    ]


def test_sound_needs_no_other_origin(owner):
    meeting = make_meeting(owner)
    browser = Client()
    browser.force_login(owner)

    answer = asgi(
        "GET", f"/m/{meeting.pk}/audio", headers={"Cookie": f"sessionid={browser.cookies['sessionid'].value}"}
    )

    assert (answer.status_code, answer.json()["code"]) == (404, "no_audio_yet")
    assert answer.headers["vary"] == "origin"
