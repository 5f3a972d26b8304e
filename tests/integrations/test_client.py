"""The request of a delivery: where it goes, how long it may take, what is read of the answer."""

import socket
import ssl
import threading
import time

import pytest

from config.lib import tls
from config.lib.proxies import networks
from integrations.webhooks import client
from integrations.webhooks.addresses import parse
from integrations.webhooks.client import Answer
from integrations.webhooks.exceptions import AddressRefused, Unreachable
from tests.integrations.receiver import receiving

LOOPBACK = networks(("127.0.0.0/8",))


def send(url, allowed=LOOPBACK, body=b"{}"):
    return client.post(parse(url, allow_http=True), {"Content-Type": "application/json"}, body, allowed=allowed)


def named(monkeypatch, *answers):
    """Let every name have these addresses, a further answer at each look-up; give the names that were looked up."""
    asked, left = [], list(answers)

    def look_up(host, port, **_):
        asked.append(host)
        found = left.pop(0) if len(left) > 1 else left[0]
        return [
            (socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_event_arrives_as_it_was_sent(receiver):
    answer = send(receiver.url, body=b'{"type":"ping"}')

    assert answer == Answer(200, len(b"thank you"))
    [got] = receiver.received
    assert (got.path, got.body) == ("/hooks?key=1", b'{"type":"ping"}')
    assert (got.headers["host"], got.headers["content-type"]) == (f"127.0.0.1:{receiver.port}", "application/json")


@pytest.mark.parametrize(
    ("status", "is_success"), [(200, True), (204, True), (299, True), (301, False), (404, False), (500, False)]
)
def test_answer_tells_success_by_its_status(receiver, status, is_success):
    receiver.status, receiver.answer = status, b""

    answer = send(receiver.url)

    assert (answer.status, answer.is_success) == (status, is_success)


def test_redirect_is_not_followed(receiver):
    with receiving() as (inner, _):
        receiver.status, receiver.headers = 307, {"Location": inner.url}

        answer = send(receiver.url)

        assert (answer.status, answer.is_success, inner.received) == (307, False, [])


def test_proxy_of_the_environment_is_not_asked(receiver, monkeypatch):
    with receiving() as (proxy, _):
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")

        send(receiver.url)

        assert (len(receiver.received), proxy.received) == (1, [])


def test_long_answer_is_read_to_a_bound(receiver):
    receiver.answer = b"x" * 200_000

    assert send(receiver.url) == Answer(200, client.ANSWER_MAX_BYTES)


def test_body_that_breaks_off_changes_nothing(receiver):
    receiver.headers = {"Transfer-Encoding": "chunked"}
    receiver.answer = b"5\r\nhe"

    assert send(receiver.url) == Answer(200, 0)


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["93.184.216.34", "127.0.0.1"],
    ],
)
def test_name_of_an_inner_address_is_refused(receiver, monkeypatch, found):
    named(monkeypatch, found)

    with pytest.raises(AddressRefused):
        send(f"http://hooks.example:{receiver.port}/", allowed=())

    assert receiver.received == []


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "localhost"])
def test_inner_address_in_disguise_is_refused(receiver, host):
    with pytest.raises(AddressRefused):
        send(f"http://{host}:{receiver.port}/", allowed=())

    assert receiver.received == []


def test_name_is_looked_up_once_and_its_address_connected_to(receiver, monkeypatch):
    # A name that changes to an inner address after it was checked.
    asked = named(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])

    answer = send(f"http://hooks.example:{receiver.port}/")

    assert (answer.status, asked) == (200, ["hooks.example"])
    assert receiver.received[0].headers["host"] == f"hooks.example:{receiver.port}"


def test_next_address_is_tried_when_one_does_not_take_the_connection(receiver, monkeypatch):
    # The server listens on 127.0.0.1 alone.
    named(monkeypatch, ["::1", "127.0.0.1"])

    assert send(f"http://hooks.example:{receiver.port}/", networks(("::1", "127.0.0.1"))).status == 200


def test_receiver_that_drips_is_cut_off_at_the_deadline(receiver, monkeypatch):
    monkeypatch.setattr(client, "DEADLINE_SECONDS", 0.4)
    receiver.drip = 0.05
    began = time.monotonic()

    with pytest.raises(Unreachable) as caught:
        send(receiver.url)

    assert caught.value.message == "The receiver did not answer in time."
    assert time.monotonic() - began < 2


def test_receiver_that_says_nothing_is_cut_off_at_the_deadline(monkeypatch):
    monkeypatch.setattr(client, "DEADLINE_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(Unreachable) as caught:
        send(f"https://127.0.0.1:{server.getsockname()[1]}/")

    assert caught.value.message == "The receiver did not answer in time."


def answer_once(server, said):
    """Take one connection in a thread, say something and hang up."""

    def serve():
        taken, _ = server.accept()
        with taken:
            taken.recv(65536)
            taken.sendall(said)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("said", "scheme", "reason"),
    [
        (b"", "http", "The receiver broke off the connection."),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "http", "The receiver does not speak HTTP as it should."),
        (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200, "http", "The receiver does not speak HTTP as it should."),
        (b"HTTP/1.1 200 OK\r\n\r\n", "https", "The receiver does not speak TLS as it should."),
    ],
)
def test_what_speaks_something_else_is_told_in_words_of_ours(said, scheme, reason):
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = answer_once(server, said)
        with pytest.raises(Unreachable) as caught:
            send(f"{scheme}://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()

    assert caught.value.message == reason


def test_port_that_nothing_listens_at_is_told():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    with pytest.raises(Unreachable) as caught:
        send(f"http://127.0.0.1:{port}/")

    assert caught.value.message == "Nothing listens at the address of the receiver."


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (socket.gaierror(-2, "secret words"), "The name of the receiver has no address."),
        (OSError("secret words"), "The receiver cannot be reached."),
    ],
)
def test_name_that_cannot_be_looked_up_is_told(monkeypatch, failure, reason):
    def look_up(*_, **__):
        raise failure

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    with pytest.raises(Unreachable) as caught:
        send("https://hooks.example/")

    assert caught.value.message == reason


@pytest.fixture
def tls_receiver(tmp_path, monkeypatch):
    """A server with a certificate for the name hooks.example, of an authority that this process trusts."""
    files = tls.ensure_certificate(tmp_path / "tls", ["hooks.example"])
    monkeypatch.setenv("SSL_CERT_FILE", str(files.ca))
    client._tls.cache_clear()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    with receiving(scheme="https") as (receiver, server):
        server.socket = context.wrap_socket(server.socket, server_side=True)
        yield receiver
    client._tls.cache_clear()


def test_certificate_is_checked_against_the_name_while_the_address_is_pinned(tls_receiver, monkeypatch):
    named(monkeypatch, ["127.0.0.1"])

    assert send(f"https://hooks.example:{tls_receiver.port}/").status == 200

    with pytest.raises(Unreachable) as caught:
        send(f"https://other.example:{tls_receiver.port}/")
    assert caught.value.message == "The certificate of the receiver is not valid for its name."
    assert len(tls_receiver.received) == 1


def test_certificate_of_an_authority_that_nobody_trusts_is_refused(tls_receiver, monkeypatch):
    named(monkeypatch, ["127.0.0.1"])
    monkeypatch.delenv("SSL_CERT_FILE")
    client._tls.cache_clear()

    with pytest.raises(Unreachable) as caught:
        send(f"https://hooks.example:{tls_receiver.port}/")

    assert (caught.value.message, tls_receiver.received) == (
        "The certificate of the receiver is not valid for its name.",
        [],
    )
