"""Where a delivery may go: addresses of subscriptions, and the guard against those of inner networks."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from config.lib.proxies import Address, Network, networks
from integrations.webhooks.exceptions import HttpRefused, InvalidUrl

URL_LENGTH = 2000
DEFAULT_PORTS = {"https": 443, "http": 80}

# What an address of a receiver looks like after its scheme: a name or an IPv4 address, a port, a path with its query.
# Names beyond ASCII are written in their xn-- form. Name and password have no place: deliveries are signed instead.
_LABEL = "[A-Za-z0-9_-]{1,63}"
_PORT = "[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
AFTER_SCHEME = rf"://({_LABEL}(?:\.{_LABEL})*)(?::({_PORT}))?(/[!-~]*)?"
_URL = re.compile(f"(https?){AFTER_SCHEME}")
# The only part of IPv6 that is given out to hosts; beside it lie loopback, link-local, unique local, site-local,
# multicast, and IPv4 in the clothes of NAT64, mapped and compatible addresses.
_IPV6_HOSTS = ip_network("2000::/3")
# Some releases of Python do not count these as private: IPv4 in the clothes of 6to4, its old relays, what documentation
# uses, and what routers keep for themselves.
_NOT_PUBLIC = networks(("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20"))


@dataclass(frozen=True)
class Target:
    """The parts of an URL that a request needs."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_tls(self) -> bool:
        return self.scheme == "https"

    @property
    def host_header(self) -> str:
        return self.host if self.port == DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"


def parse(url: str, *, allow_http: bool) -> Target:
    """Take an URL apart.

    Raises:
        InvalidUrl, HttpRefused: it cannot be delivered to, whatever its host's address is.
    """
    parts = _URL.fullmatch(url)
    if parts is None or len(url) > URL_LENGTH:
        raise InvalidUrl
    scheme, host, port, path = parts.groups()
    if scheme == "http" and not allow_http:
        raise HttpRefused
    return Target(scheme, host, int(port) if port else DEFAULT_PORTS[scheme], path or "/")


def is_public(address: Address) -> bool:
    """Say whether the address is one that anybody on the Internet could be given."""
    if any(address in network for network in _NOT_PUBLIC):
        return False
    if isinstance(address, IPv6Address):
        return address in _IPV6_HOSTS and address.is_global
    return address.is_global and not address.is_multicast


def are_allowed(found: Iterable[str], allowed: Sequence[Network]) -> bool:
    """Say whether a delivery may go to the addresses of one host; one that is refused refuses them all."""
    addresses = [ip_address(text) for text in found]
    return all(is_public(address) or any(address in network for network in allowed) for address in addresses)


def literal(host: str) -> list[str]:
    """Give the address that a host is written as; none where it is a name."""
    try:
        return [str(ip_address(host))]
    except ValueError:
        return []
