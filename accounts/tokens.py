"""Signed tokens: one class per kind, each with a key and an audience of its own, so that none passes for another."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Self
from uuid import uuid4

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils import timezone
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import Token

from accounts.enums import SessionKind
from accounts.exceptions import BadRefreshToken, NotAuthenticated
from accounts.models import LoginSession
from config.lib.ids import is_id

ISSUER = "tertulia"
ALGORITHM = "HS256"


@dataclass(frozen=True)
class AccessClaims:
    user_id: str
    session_id: str


@dataclass(frozen=True)
class RefreshClaims:
    user_id: str
    session_id: str
    generation: int


class SignedToken(Token):
    """A JWT whose type is the claim `typ` and whose key is derived for its kind alone."""

    token_type = "signed"  # noqa: S105 - the name of a kind
    lifetime = timedelta()

    @property
    def token_backend(self) -> TokenBackend:
        return _backend(self.token_type, settings.SECRET_KEY)

    @classmethod
    def signed(cls, claims: dict[str, Any], *, issued_at: datetime, lifetime: timedelta) -> str:
        """Sign claims; the same claims and times give the same text."""
        token = cls()
        token.payload = {"typ": cls.token_type, **claims}
        token.set_iat(at_time=issued_at)
        token.set_exp(from_time=issued_at, lifetime=lifetime)
        return str(token)

    @classmethod
    def read(cls, text: str) -> Self:
        """Check signature, algorithm, issuer, audience, times and type.

        Raises:
            TokenError: any of them is wrong.
        """
        # The library's annotation asks for a Token where its code, and its documentation, take the text of one.
        return cls(text)  # type: ignore[arg-type]

    def verify(self) -> None:
        self.check_exp()
        if self.payload.get("typ") != self.token_type:
            raise TokenError("The token is of another kind.")


class AccessToken(SignedToken):
    token_type = "access"  # noqa: S105 - the name of a kind


class RefreshToken(SignedToken):
    token_type = "refresh"  # noqa: S105 - the name of a kind


def access_lifetime(kind: str) -> timedelta:
    is_short = kind == SessionKind.SHORT
    return timedelta(minutes=settings.SHORT_ACCESS_TOKEN_MINUTES if is_short else settings.ACCESS_TOKEN_MINUTES)


def make_access(session: LoginSession) -> str:
    """Make an access token of the session's user, who must be loaded."""
    user = session.user
    claims = {
        "sub": user.id,
        "email": user.email,
        "name": user.full_name,
        "roles": user.roles,
        "permissions": user.permissions,
        "plan": user.plan,
        "features": user.features,
        "jti": uuid4().hex,
        "sid": session.id,
    }
    return AccessToken.signed(claims, issued_at=timezone.now(), lifetime=access_lifetime(session.kind))


def make_refresh(session: LoginSession) -> str:
    """Make the refresh token of the session's present generation: a function of the row, so always the same text."""
    place = f"{session.id}:{session.generation}"
    claims = {
        "sub": session.user_id,
        "jti": hashlib.sha256(place.encode()).hexdigest()[:32],
        "sid": session.id,
        "gen": session.generation,
    }
    lifetime = timedelta(days=settings.REFRESH_TOKEN_DAYS)
    return RefreshToken.signed(claims, issued_at=session.rotated_at, lifetime=lifetime)


def read_access(text: str) -> AccessClaims:
    """Raises: NotAuthenticated."""
    try:
        token = AccessToken.read(text)
        return AccessClaims(user_id=_id_in(token, "sub"), session_id=_id_in(token, "sid"))
    except (TokenError, KeyError) as error:
        raise NotAuthenticated("The access token is not valid or has expired: sign in again.") from error


def read_refresh(text: str) -> RefreshClaims:
    """Raises: BadRefreshToken."""
    try:
        token = RefreshToken.read(text)
        return RefreshClaims(_id_in(token, "sub"), _id_in(token, "sid"), generation=token["gen"])
    except (TokenError, KeyError) as error:
        raise BadRefreshToken("The refresh token is not valid or has expired: sign in again.") from error


def _id_in(token: SignedToken, claim: str) -> str:
    """Read an id; what is none does not reach the database, signed as it may be."""
    value = token[claim]
    if not isinstance(value, str) or not is_id(value):
        raise TokenError(f"The claim {claim} is no id.")
    return value


@cache
def _backend(kind: str, secret: str) -> TokenBackend:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"tertulia/jwt/{kind}".encode())
    key = derive.derive(secret.encode()).hex()
    return TokenBackend(ALGORITHM, signing_key=key, audience=f"tertulia:{kind}", issuer=ISSUER)
