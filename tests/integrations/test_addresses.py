"""Where a delivery may go."""

from ipaddress import ip_address

import pytest

from config.lib.proxies import networks
from integrations.webhooks import addresses
from integrations.webhooks.addresses import Target
from integrations.webhooks.exceptions import HttpRefused, InvalidUrl

PRIVATE = [
    # IPv4: this network, private, shared, loopback, link-local (clouds tell secrets there), assignments, documentation,
    # benchmarks, relays of 6to4, multicast, reserved, broadcast
    "0.0.0.0",  # noqa: S104
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    # IPv6: unspecified, loopback, IPv4 mapped (inner and public), compatible, NAT64 (both), discard, Teredo, ORCHID,
    # documentation (both), 6to4, segment routing, unique local, link-local with and without zone, site-local, multicast
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001:0:53aa:64c::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "3fff::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "4000::1",
]
PUBLIC = ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2001:4860:4860::8888", "2606:4700::1111", "2a00:1450::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_address_of_an_inner_network_is_not_public(address):
    assert not addresses.is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_address_of_the_internet_is_public(address):
    assert addresses.is_public(ip_address(address))


@pytest.mark.parametrize(
    ("found", "allowed", "wanted"),
    [
        (["8.8.8.8"], [], True),
        (["8.8.8.8", "2001:4860:4860::8888"], [], True),
        (["8.8.8.8", "10.0.0.1"], [], False),
        (["10.0.0.1", "8.8.8.8"], ["10.0.0.0/8"], True),
        (["10.0.0.1"], ["10.0.0.0/24", "fd00::/8"], True),
        (["10.0.1.1"], ["10.0.0.0/24"], False),
        (["::ffff:10.0.0.1"], ["10.0.0.0/8"], False),
        (["fd00::1"], ["10.0.0.0/8", "fd00::/8"], True),
        ([], [], True),
    ],
)
def test_one_address_that_is_not_allowed_refuses_all(found, allowed, wanted):
    assert addresses.are_allowed(found, networks(tuple(allowed))) is wanted


@pytest.mark.parametrize(
    ("url", "wanted", "host_header"),
    [
        ("https://example.com", Target("https", "example.com", 443, "/"), "example.com"),
        ("https://example.com:443/a?b=c#d", Target("https", "example.com", 443, "/a?b=c#d"), "example.com"),
        ("https://Example.com:8443/a", Target("https", "Example.com", 8443, "/a"), "Example.com:8443"),
        ("http://127.0.0.1:80/", Target("http", "127.0.0.1", 80, "/"), "127.0.0.1"),
        ("http://my_service:65535/x", Target("http", "my_service", 65535, "/x"), "my_service:65535"),
    ],
)
def test_address_of_a_receiver_is_taken_apart(url, wanted, host_header):
    found = addresses.parse(url, allow_http=True)

    assert (found, found.host_header, found.is_tls) == (wanted, host_header, url.startswith("https"))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "https://",
        "https:///path",
        "https://user:password@example.com/",
        "https://user@example.com/",
        "https://example.com:0/",
        "https://example.com:65536/",
        "https://example.com:port/",
        "https://example.com\\@127.0.0.1/",
        "https://exa mple.com/",
        "https://example.com/a b",
        "https://example.com/\r\nHost: other",
        "https://example.com\n",
        "https://пример.рф/",
        "https://[::1]/",
        "https://example..com/",
        f"https://{'a' * 64}.com/",
        "https://example.com?x",
        "ftp://example.com/",
        "file:///etc/passwd",
        "HTTPS://example.com/",
        "https://example.com/" + "a" * 2000,
    ],
)
def test_address_that_nothing_can_be_delivered_to_is_refused(url):
    with pytest.raises(InvalidUrl):
        addresses.parse(url, allow_http=True)


def test_address_over_http_is_refused_unless_it_is_allowed():
    with pytest.raises(HttpRefused):
        addresses.parse("http://example.com/", allow_http=False)


@pytest.mark.parametrize(("host", "wanted"), [("10.0.0.1", ["10.0.0.1"]), ("127.1", []), ("example.com", [])])
def test_address_in_digits_is_read(host, wanted):
    assert addresses.literal(host) == wanted
