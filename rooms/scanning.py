"""The virus scanner: a clamd, where CLAMD_URL names one."""

from pathlib import Path
from urllib.parse import urlsplit

from clamav_client.clamd import ClamdError, ClamdNetworkSocket, ClamdUnixSocket
from django.conf import settings

from rooms.exceptions import InfectedFile, ScannerUnavailable

PORT = 3310
# For each step of speaking with it; unpacking a large archive takes long.
TIMEOUT_SECONDS = 60


def check(path: Path) -> None:
    """Let the scanner look at a file that arrived; without a scanner nothing is looked at.

    Raises:
        InfectedFile.
        ScannerUnavailable: it does not answer, or will not look at so large a file.
    """
    if not settings.CLAMD_URL:
        return
    try:
        with path.open("rb") as file:
            [(status, _)] = _client(settings.CLAMD_URL).instream(file).values()
    except (ClamdError, OSError, ValueError) as error:
        raise ScannerUnavailable from error
    if status == "FOUND":
        raise InfectedFile
    if status != "OK":
        raise ScannerUnavailable


def _client(url: str) -> ClamdNetworkSocket:
    """Make a client for `tcp://host:port`, or for the path of a socket."""
    parts = urlsplit(url)
    if parts.scheme == "tcp":
        return ClamdNetworkSocket(parts.hostname or "", parts.port or PORT, timeout=TIMEOUT_SECONDS)
    return ClamdUnixSocket(url, timeout=TIMEOUT_SECONDS)
