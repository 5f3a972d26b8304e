"""Every name that the certificate of `serve --tls auto` is for works, on all wires, and a proxy that is named is
believed."""

import httpx
import pytest
from cryptography import x509

from tests.factories import PASSWORD
from tests.rooms.realtime.clients import joined, room_token
from tests.rooms.realtime.socketio_clients import install, node_client
from tests.system.people import SCRIPT, database, demo_track, register
from tests.system.processes import RunningSystem, serving


@pytest.fixture(scope="module")
def system():
    with serving(None, "--tls", "auto", env={"TRUSTED_PROXIES": "192.0.2.1, 127.0.0.0/8"}) as running:
        yield running


@pytest.fixture(autouse=True)
def _trust(monkeypatch, system):
    """Trust the authority of the system, and it alone."""
    for name in ("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"):
        monkeypatch.setenv(name, str(system.data_dir / "tls" / "ca.crt"))


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return install(tmp_path_factory.mktemp("clients") / "socketio")


def certified(system: RunningSystem) -> set[str]:
    """List the names of the certificate as they stand in addresses."""
    certificate = x509.load_pem_x509_certificate((system.data_dir / "tls" / "server.crt").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = [address.compressed for address in names.get_values_for_type(x509.IPAddress)]
    dns = [name.lower() for name in names.get_values_for_type(x509.DNSName)]
    return {*dns, *(f"[{address}]" if ":" in address else address for address in addresses)}


def test_every_name_of_the_certificate_is_answered(system):
    port = httpx.URL(system.base_url).port
    names = certified(system)

    with httpx.Client(base_url=system.base_url) as client:
        answers = {name: client.get("/", headers={"Host": f"{name}:{port}"}).status_code for name in names}

    assert {"localhost", "127.0.0.1", "[::1]"} < names
    assert answers == dict.fromkeys(names, 200)


def test_recordings_are_taken_by_another_name_than_the_main_one(system):
    owner = register(system, "owner")
    origin = system.base_url.replace("127.0.0.1", "localhost")
    track = SCRIPT["tracks"][0]["file"]

    with httpx.Client(base_url=origin, headers={"Origin": origin}, timeout=30) as pages:
        pages.get("/accounts/sign-in")
        form = {"username": owner.email, "password": PASSWORD, "csrfmiddlewaretoken": pages.cookies["csrftoken"]}
        signed_in = pages.post("/accounts/sign-in", data=form)
        token = {"X-CSRFToken": pages.cookies["csrftoken"]}
        form, files = {"title": "Budget", "name": "Anna"}, {"file": (track, demo_track(track, 2))}
        answer = pages.post("/meetings/import", data=form, files=files, headers=token)

    assert origin != system.base_url
    assert signed_in.status_code == 302
    assert (answer.status_code, answer.json().get("data", {}).get("state")) == (202, "queued"), answer.text


def test_address_that_a_named_proxy_passes_on_is_believed(system):
    body = {"userName": "nobody@example.com", "password": "wrong horse"}
    passed_on = {"X-Forwarded-For": "198.51.100.7, 203.0.113.9"}

    httpx.post(f"{system.base_url}/auth/login", json=body, headers=passed_on)

    with database(system.data_dir) as connection:
        addresses = connection.execute("SELECT DISTINCT address FROM accounts_auditevent").fetchall()
    assert ("203.0.113.9",) in addresses
    assert ("198.51.100.7",) not in addresses


@pytest.mark.asyncio
@pytest.mark.parametrize("transports", ["", "websocket", "polling"])
async def test_both_wires_meet_in_one_room_over_tls(system, program, transports):
    host, guest = (register(system, f"{name}{transports}") for name in ("host", "guest"))
    room = host.post("/room/create", {"name": "Over TLS", "type": "meeting"})["id"]
    token = room_token(guest, room)

    async with (
        joined(host, room) as one,
        node_client(program, system.base_url, token, transports=transports) as two,
    ):
        await two.hears("connected")
        answer = await two.asks("room.join", {"roomId": room})
        await one.hears("participant-joined")
        # More than one record of TLS holds.
        await one.asks("chat-box", msg="a" * 50_000)
        heard = await two.hears("chat-box")
        await two.say("raise-hand", {"on": True})
        seen = await one.hears("raise-hand")

    assert system.base_url.startswith("https://")
    assert answer == {"type": "ack", "ref": None}
    assert (heard["id"], heard["msg"]) == (host.id, "a" * 50_000)
    assert (seen["id"], seen["on"]) == (guest.id, True)
