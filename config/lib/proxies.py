"""Whom a request comes from, and over what, when reverse proxies pass it on: only those that are named are believed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Origin:
    """The address at the other end, as text, and the scheme that was spoken with it: `http` or `https`."""

    address: str
    scheme: str


@cache
def networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Read addresses and networks such as 10.0.0.0/8.

    Raises:
        ValueError: one of them is neither.
    """
    return tuple(ip_network(text, strict=False) for text in texts)


def origin_of(
    peer: str, scheme: str, *, forwarded_for: str, forwarded_proto: str, trusted: Sequence[Network]
) -> Origin:
    """Find who is at the other end of a connection from `peer`.

    `forwarded_for` is X-Forwarded-For, to which each proxy adds its own peer at the right. It is read from there, as
    far as trusted proxies wrote it: the first address that is no proxy's is the client's, and what stands left of it is
    the client's own word. Left of an entry that is no address nothing is known either. `forwarded_proto` is
    X-Forwarded-Proto, of which the nearest proxy wrote the last word.
    """
    address = _read(peer)
    if address is None or not _is_among(address, trusted):
        return Origin(str(address or ""), scheme)
    for entry in reversed(forwarded_for.split(",")):
        found = _read(entry)
        if found is None:
            break
        address = found
        if not _is_among(address, trusted):
            break
    said = forwarded_proto.rpartition(",")[2].strip().lower()
    return Origin(str(address), said if said in ("http", "https") else scheme)


def is_loopback(text: str) -> bool:
    address = _read(text)
    return address is not None and address.is_loopback


def _read(text: str) -> Address | None:
    """Read an address, with or without port and zone; an IPv4 address that IPv6 wraps is that IPv4 address."""
    text = text.strip().partition("%")[0]
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    wrapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return wrapped or address


def _is_among(address: Address, trusted: Iterable[Network]) -> bool:
    return any(address in network for network in trusted)
