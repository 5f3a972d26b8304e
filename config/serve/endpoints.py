"""Which addresses the web processes listen on, with which certificates, and what to tell people about them."""

import errno
import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from config.lib.embedded import Layout
from config.serve.errors import ServeError
from config.serve.options import Options

WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
LOOPBACK = "127.0.0.1"
PROBE_SECONDS = 5.0


@dataclass(frozen=True)
class Endpoint:
    """An address to listen on, with the files of its certificate for HTTPS."""

    name: str
    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None

    @property
    def url(self) -> str:
        """Return the address by which this machine reaches it."""
        return self.url_for(WILDCARDS.get(self.host, self.host))

    def url_for(self, host: str) -> str:
        """Return the address for whoever knows this machine as `host`."""
        return f"{'https' if self.certificate else 'http'}://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def is_open_to_all(self) -> bool:
        return self.host in WILDCARDS


@dataclass(frozen=True)
class Endpoints:
    """The plain endpoint, the secure one if there is any, the address of the system, and lines for the operator.

    `origins` are all addresses that the certificate is for, where it is of our own making.
    """

    plain: Endpoint
    secure: Endpoint | None
    public_url: str
    notes: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[Endpoint, ...]:
        return (self.plain, self.secure) if self.secure else (self.plain,)


def choose_endpoints(options: Options, layout: Layout) -> Endpoints:
    """Settle ports and certificates.

    Raises: ServeError.
    """
    check_port(options.host, options.port)
    if not options.tls:
        plain = Endpoint("web", options.host, options.port)
        return Endpoints(plain, None, plain.url)
    plain = Endpoint("web", LOOPBACK, next_free_port(LOOPBACK, options.port))
    if options.tls == "auto":
        return _secure_ourselves(options, layout, plain)
    certificate, _, key = options.tls.partition(",")
    if not Path(certificate).is_file() or not Path(key).is_file():
        raise ServeError("--tls takes `auto`, or the files of a certificate and its key, parted by a comma.")
    secure = Endpoint("web-tls", options.host, options.port, Path(certificate).absolute(), Path(key).absolute())
    return Endpoints(plain, secure, secure.url)


def _secure_ourselves(options: Options, layout: Layout, plain: Endpoint) -> Endpoints:
    # Imported here, because its libraries are large and most runs do without.
    from config.lib import tls  # noqa: PLC0415

    address = tls.lan_address()
    names = tls.local_names(options.host, address)
    files = tls.ensure_certificate(layout.tls_dir, names)
    secure = Endpoint("web-tls", options.host, options.port, files.certificate, files.key)
    public_url = secure.url_for(address) if address and secure.is_open_to_all else secure.url
    notes = (
        f"Devices must trust this certificate authority first: {files.ca}",
        f"In your network: {public_url}, on this machine also {plain.url}",
    )
    # Browsers write names in small letters.
    origins = tuple(secure.url_for(name.lower()) for name in names)
    return Endpoints(plain, secure, public_url, notes, origins)


def check_port(host: str, port: int) -> None:
    """Refuse an address that cannot be listened on, before anything is started.

    Raises: ServeError.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except PermissionError as error:
        raise ServeError(f"Port {port} is not open to you: choose one above 1023 with --port.") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ServeError(
                f"Port {port} is taken: stop the program that uses it, or choose another with --port."
            ) from error
        raise ServeError(f"{host} is no address of this machine: choose another with --host.") from error


def next_free_port(host: str, after: int) -> int:
    for port in range(after + 1, min(after + 100, 65536)):
        with suppress(ServeError):
            check_port(host, port)
            return port
    raise ServeError(f"No port soon after {after} is free: choose another with --port.")


def read_health(endpoint: Endpoint) -> dict[str, str] | None:
    """Ask /health/ready over plain HTTP; return what is not ready by name, or None while nobody answers.

    Written out, because an HTTP client would double the memory of a process that only waits.
    """
    host = WILDCARDS.get(endpoint.host, endpoint.host)
    request = f"GET /health/ready HTTP/1.1\r\nHost: {endpoint.url.partition('//')[2]}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((host, endpoint.port), timeout=PROBE_SECONDS) as connection:
            connection.sendall(request.encode())
            with connection.makefile("rb") as stream:
                status, _, body = stream.read().partition(b"\r\n\r\n")
    except OSError:
        return None
    if status.split(maxsplit=2)[1:2] == [b"200"]:
        return {}
    try:
        checks = json.loads(body)["checks"]
        return {name: answer for name, answer in checks.items() if answer != "ok"}
    except (ValueError, KeyError, TypeError):
        return {"web": status.partition(b"\r\n")[0].decode(errors="replace")}
