"""The one request that a delivery is: to an address that was looked up once and checked, within a deadline.

No redirect is followed and no proxy is asked. The certificate is checked against the host's name, while the connection
goes to the very address that was checked, so that a name which changes its address meanwhile gains nothing.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any

from django.utils.translation import gettext_noop

from config.lib.proxies import Network
from integrations.webhooks.addresses import Target, are_allowed
from integrations.webhooks.exceptions import AddressRefused, Unreachable

DEADLINE_SECONDS = 10.0
# What is read of an answer; all that is kept of it is its size.
ANSWER_MAX_BYTES = 64 * 2**10

# What a failure is called, the first that fits; the words of an error may hold what the receiver sent.
_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (socket.gaierror, gettext_noop("The name of the receiver has no address.")),
    (TimeoutError, gettext_noop("The receiver did not answer in time.")),
    (ConnectionRefusedError, gettext_noop("Nothing listens at the address of the receiver.")),
    (ssl.SSLCertVerificationError, gettext_noop("The certificate of the receiver is not valid for its name.")),
    (ssl.SSLError, gettext_noop("The receiver does not speak TLS as it should.")),
    (ConnectionError, gettext_noop("The receiver broke off the connection.")),
    (OSError, gettext_noop("The receiver cannot be reached.")),
    (Exception, gettext_noop("The receiver does not speak HTTP as it should.")),
)

# The addresses of a host as `getaddrinfo` gives them, which `connect` takes.
Found = Sequence[tuple[socket.AddressFamily, tuple[Any, ...]]]


@dataclass(frozen=True)
class Answer:
    status: int
    size: int

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


def post(target: Target, headers: Mapping[str, str], body: bytes, *, allowed: Sequence[Network]) -> Answer:
    """Send one POST and read the answer, within the deadline from when the name is found.

    The status is the answer: a body that breaks off changes nothing.

    Raises:
        AddressRefused, Unreachable.
    """
    try:
        found = _look_up(target)
        if not are_allowed([str(address[0]) for _, address in found], allowed):
            raise AddressRefused
        with _connected(target, found) as connection:
            connection.request("POST", target.path, body, {"Host": target.host_header, **headers})
            with connection.getresponse() as response:
                return Answer(response.status, _size_of(response))
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(next(text for kind, text in _REASONS if isinstance(error, kind))) from error


def _look_up(target: Target) -> Found:
    """Find the addresses of the host, the best first."""
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


@contextmanager
def _connected(target: Target, found: Found) -> Iterator[HTTPConnection]:
    """Connect, and break off whatever goes on when the deadline comes.

    A time limit for each read would not do: a receiver that sends one byte at a time keeps to any.
    """
    deadline = time.monotonic() + DEADLINE_SECONDS
    with closing(_connect(found, deadline)) as plain, closing(_wrapped(target, plain)) as wire:
        timer = threading.Timer(deadline - time.monotonic(), _break_off, [wire])
        timer.start()
        try:
            if isinstance(wire, ssl.SSLSocket):
                wire.do_handshake()
            connection = HTTPConnection(target.host, target.port)
            connection.sock = wire
            yield connection
        except (OSError, HTTPException) as error:
            if time.monotonic() >= deadline:
                raise TimeoutError from error
            raise
        finally:
            timer.cancel()


def _connect(found: Found, deadline: float) -> socket.socket:
    """Connect to the first of the addresses that takes it; each gets its share of the time that is left."""
    failure = OSError()
    for left, (family, address) in zip(range(len(found), 0, -1), found, strict=True):
        wire = socket.socket(family, socket.SOCK_STREAM)
        wire.settimeout(max(deadline - time.monotonic(), 0.01) / left)
        try:
            wire.connect(address)
        except OSError as error:
            wire.close()
            failure = error
        else:
            wire.settimeout(DEADLINE_SECONDS)
            return wire
    raise failure


def _size_of(response: HTTPResponse) -> int:
    with suppress(OSError, HTTPException):
        return len(response.read(ANSWER_MAX_BYTES))
    return 0


def _wrapped(target: Target, plain: socket.socket) -> socket.socket:
    if not target.is_tls:
        return plain
    return _tls().wrap_socket(plain, server_hostname=target.host, do_handshake_on_connect=False)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _break_off(wire: socket.socket) -> None:
    with suppress(OSError):
        # Not the method of a TLS socket, which would go on in the clear.
        socket.socket.shutdown(wire, socket.SHUT_RDWR)
