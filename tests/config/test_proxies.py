"""Who is at the other end: as far as proxies that are trusted tell it, and no further."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.lib.proxies import Origin, is_loopback, networks, origin_of

TRUSTED = networks(("10.0.0.0/8", "192.0.2.1", "2001:db8::/32"))


def found(peer, forwarded_for="", forwarded_proto="", trusted=TRUSTED):
    return origin_of(peer, "http", forwarded_for=forwarded_for, forwarded_proto=forwarded_proto, trusted=trusted)


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        # Nobody believes a stranger.
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("203.0.113.9", "10.0.0.1", "203.0.113.9"),
        # One proxy, and two; what the client made up stands left of its own address.
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        ("192.0.2.1", "198.51.100.7, 203.0.113.9, 10.2.3.4", "203.0.113.9"),
        # A client among the trusted addresses is believed to be where its proxy says.
        ("10.0.0.1", "10.0.0.7, 10.0.0.2", "10.0.0.7"),
        # Nothing said, or nothing that is an address: then it is the nearest hop that is known.
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, unknown", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9, , 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "unknown, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "_hidden, <script>", "10.0.0.1"),
        # Ports, brackets, zones, IPv6, and IPv4 inside it.
        ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("2001:db8::1", "[2a00::9]:4711", "2a00::9"),
        ("2001:db8::1", "2a00:0:0::9", "2a00::9"),
        ("::ffff:10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8::1%eth0", "fe80::1%eth0", "fe80::1"),
        # A server on a socket file has no peer.
        ("", "203.0.113.9", ""),
        ("/run/web.sock", "203.0.113.9", ""),
    ],
)
def test_client_is_the_first_from_the_right_that_is_no_proxy(peer, forwarded_for, address):
    assert found(peer, forwarded_for).address == address


@pytest.mark.parametrize(
    ("peer", "said", "scheme"),
    [
        ("10.0.0.1", "https", "https"),
        ("10.0.0.1", "HTTPS", "https"),
        ("10.0.0.1", "https, http", "http"),
        ("10.0.0.1", "http, https", "https"),
        ("10.0.0.1", "", "http"),
        ("10.0.0.1", "gopher", "http"),
        ("203.0.113.9", "https", "http"),
    ],
)
def test_scheme_is_the_last_word_of_a_trusted_proxy(peer, said, scheme):
    assert found(peer, "", said).scheme == scheme


def test_without_proxies_nobody_is_believed():
    assert found("127.0.0.1", "198.51.100.7", "https", trusted=()) == Origin("127.0.0.1", "http")


addresses = st.ip_addresses()
words = st.one_of(addresses.map(str), st.text(max_size=20), st.sampled_from(["unknown", "10.0.0.1", "192.0.2.1", ""]))


def is_trusted(text):
    return any(ip_address(text) in network for network in TRUSTED)


@given(addresses.map(str).filter(lambda text: not is_trusted(text)), st.lists(words), st.text(max_size=10))
def test_stranger_cannot_change_who_it_is(peer, entries, said):
    assert found(peer, ",".join(entries), said) == found(peer)


@given(st.lists(words, max_size=5), addresses.map(str).filter(lambda text: not is_trusted(text)), st.integers(0, 3))
def test_client_cannot_speak_over_its_proxies(made_up, client, hops):
    said = ", ".join([*made_up, client, *["10.1.1.1"] * hops])

    assert found("10.0.0.1", said) == found("10.0.0.1", client)


@given(words, st.lists(words), st.text(max_size=10))
def test_whatever_is_said_the_answer_is_an_address_and_a_scheme(peer, entries, said):
    origin = found(peer, ",".join(entries), said)

    assert origin.scheme in ("http", "https")
    assert origin.address == "" or str(ip_address(origin.address)) == origin.address


@pytest.mark.parametrize(
    ("text", "expected"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("::ffff:127.0.0.1", True), ("10.0.0.1", False)],
)
def test_loopback_is_this_machine(text, expected):
    assert is_loopback(text) is expected
    assert is_loopback("") is False


def test_networks_are_read_with_and_without_host_bits():
    assert networks(("10.1.2.3/8", "::1")) == (ip_network("10.0.0.0/8"), ip_network("::1"))
    with pytest.raises(ValueError, match="proxy.example"):
        networks(("proxy.example",))
