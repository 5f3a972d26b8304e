"""Who is at the other end of a request: its address, and a fingerprint that two requests of one client share."""

import hashlib
from dataclasses import dataclass

from django.http import HttpRequest

from config.lib.asgi import Scope, headers_of


@dataclass(frozen=True)
class Client:
    address: str = ""
    user_agent: str = ""

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(f"{self.address}\n{self.user_agent}".encode()).hexdigest()


def client_of(request: HttpRequest) -> Client:
    return Client(address=request.META.get("REMOTE_ADDR", ""), user_agent=request.headers.get("User-Agent", ""))


def client_of_scope(scope: Scope) -> Client:
    """Give who sends a request that Django does not see."""
    return Client(address=scope["client"][0], user_agent=headers_of(scope).get("user-agent", ""))
