"""Page sessions kept in the database and the cache under a hash of their key, so that a copy of either opens none."""

import hashlib
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sessions.backends import cached_db
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

# As long as the column; 160 bits.
STORED_LENGTH = 40


class SessionStore(cached_db.SessionStore):
    """Django's cached sessions; outside the cookie a key is only ever written down as its hash."""

    cache_key_prefix = "accounts.sessions"

    # The asynchronous methods of the stores above reach rows by the bare key: these go by the ones below.
    aload = SessionBase.aload
    asave = SessionBase.asave
    aexists = SessionBase.aexists
    adelete = SessionBase.adelete

    @property
    def cache_key(self) -> str:
        return self.cache_key_prefix + self._stored_key

    @property
    def _stored_key(self) -> str:
        return stored_key(self._get_or_create_session_key())  # type: ignore[attr-defined] # the stubs leave it out

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def exists(self, session_key: str) -> bool:
        return super().exists(stored_key(session_key))

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            super().delete(stored_key(key))

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        rows = self.model.objects.filter(session_key=self._stored_key, expire_date__gt=timezone.now())
        row = rows.first()
        if row is None:
            self._session_key = None
        return row


def stored_key(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:STORED_LENGTH]


def bound_to(user: AbstractBaseUser) -> str:
    """Name what page sessions of a user are bound to, in few digits; another password makes it another one, and so does
    the end of all sign-ins."""
    return hashlib.sha256(user.get_session_auth_hash().encode()).hexdigest()[:16]
