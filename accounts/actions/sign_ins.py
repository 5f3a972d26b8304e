"""What begins and ends sign-ins: sessions of REST clients in families of refresh tokens, and those of pages."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth import authenticate
from django.db import transaction
from django.utils import timezone

from accounts import audit, rules, tokens
from accounts.clients import Client
from accounts.enums import Act, EndReason, Outcome, SessionKind
from accounts.exceptions import BadCredentials, BadRefreshToken
from accounts.models import LoginSession, User

# Two tabs, or an answer lost on the way: for so long a used refresh token gives its successor once more.
REUSE_GRACE = timedelta(seconds=10)


@dataclass(frozen=True)
class TokenPair:
    access: str
    refresh: str
    expires_in: int


def check_credentials(*, name: str, password: str, client: Client) -> User:
    """Find who signs in with this e-mail or username; a failure is audited, and commits although this raises.

    Raises:
        BadCredentials: the same for an unknown name, a wrong password and a disabled account.
    """
    user = authenticate(None, username=name, password=password)
    if isinstance(user, User):
        return user
    # What was typed as a name is not kept: people type passwords there.
    known = User.objects.named(name)
    resource = {"userId": known.pk} if known else {}
    audit.record(Act.LOGIN, by=known, resource=resource, outcome=Outcome.REFUSED, address=client.address)
    raise BadCredentials("The e-mail or the password is wrong.")


@transaction.atomic
def start_session(*, by: User, kind: SessionKind, client: Client) -> TokenPair:
    """Begin a family of refresh tokens for somebody whose credentials were checked a moment ago.

    Raises:
        BadCredentials: the password was changed, or the account disabled, since then.
    """
    user = User.objects.locked(by)
    if user.password != by.password or not rules.may_sign_in(user):
        raise BadCredentials("The e-mail or the password is wrong.")
    session = LoginSession.objects.create(user=user, kind=kind, client=client.fingerprint)
    user.last_login = timezone.now()
    user.save(update_fields=["last_login"])
    resource = {"userId": by.pk, "sessionId": session.pk}
    audit.record(Act.LOGIN, by=by, resource=resource, address=client.address)
    return _pair(session)


@transaction.atomic
def start_page_session(*, by: User, client: Client) -> None:
    """Audit a sign-in whose session Django keeps in a cookie."""
    audit.record(Act.LOGIN, by=by, resource={"userId": by.pk}, address=client.address)


@transaction.atomic
def end_page_session(*, by: User, client: Client) -> None:
    """Audit a sign-out of a page."""
    audit.record(Act.LOGOUT, by=by, resource={"userId": by.pk}, address=client.address)


def refresh_session(*, token: str, client: Client) -> TokenPair:
    """Exchange a refresh token for the next pair.

    Of any number of simultaneous calls one makes the successor; the others, and a repetition within the grace by the
    same client, get that same successor. Any other reuse ends the family, which commits although this raises.

    Raises:
        BadRefreshToken.
    """
    session = _rotate(tokens.read_refresh(token), client)
    if session is None:
        raise BadRefreshToken("The refresh token is no longer valid: sign in again.")
    return _pair(session)


@transaction.atomic
def _rotate(claims: tokens.RefreshClaims, client: Client) -> LoginSession | None:
    # The guard names columns of this row alone: PostgreSQL checks those again after it waited for another's update.
    guarded = LoginSession.objects.open().filter(pk=claims.session_id, generation=claims.generation)
    is_first = guarded.update(generation=claims.generation + 1, rotated_at=timezone.now(), client=client.fingerprint)
    session = LoginSession.objects.select_related("user").filter(pk=claims.session_id).first()
    if session is None or session.ended_at or not rules.may_sign_in(session.user):
        return None
    if is_first or _is_repetition(session, claims, client):
        return session
    LoginSession.objects.filter(pk=session.pk).end(EndReason.REUSED)
    resource = {"userId": session.user_id, "sessionId": session.pk}
    audit.record(Act.REFRESH, by=session.user, resource=resource, outcome=Outcome.REFUSED, address=client.address)
    return None


def _is_repetition(session: LoginSession, claims: tokens.RefreshClaims, client: Client) -> bool:
    return (
        session.generation == claims.generation + 1
        and session.client == client.fingerprint
        and timezone.now() - session.rotated_at <= REUSE_GRACE
    )


@transaction.atomic
def sign_out(*, refresh_token: str, by: User, client: Client) -> None:
    """End the family of a refresh token, also of a used one; ending it twice is ending it once.

    Raises:
        BadRefreshToken: it is no token of this user.
    """
    claims = tokens.read_refresh(refresh_token)
    if claims.user_id != by.pk:
        raise BadRefreshToken("The refresh token is not one of yours.")
    LoginSession.objects.filter(pk=claims.session_id).end(EndReason.SIGNED_OUT)
    resource = {"userId": by.pk, "sessionId": claims.session_id}
    audit.record(Act.LOGOUT, by=by, resource=resource, address=client.address)


@transaction.atomic
def end_session(*, session: LoginSession, by: User, client: Client) -> bool:
    """End one sign-in; say whether it was still open.

    Raises:
        NotPermitted.
    """
    rules.check_end_sessions(by, session.user)
    if not LoginSession.objects.filter(pk=session.pk).end(_reason(session.user, by)):
        return False
    resource = {"userId": session.user_id, "sessionId": session.pk}
    audit.record(Act.END_SESSIONS, by=by, resource=resource, address=client.address)
    return True


@transaction.atomic
def end_sessions(*, user: User, by: User, client: Client) -> bool:
    """Sign a user out everywhere: every family, and every page, of which nobody knows whether there are any.

    Raises:
        NotPermitted.
    """
    rules.check_end_sessions(by, user)
    user.end_sign_ins(_reason(user, by))
    audit.record(Act.END_SESSIONS, by=by, resource={"userId": user.pk}, address=client.address)
    return True


def _pair(session: LoginSession) -> TokenPair:
    lifetime = tokens.access_lifetime(session.kind)
    return TokenPair(
        access=tokens.make_access(session),
        refresh=tokens.make_refresh(session),
        expires_in=int(lifetime.total_seconds()),
    )


def _reason(user: User, by: User) -> EndReason:
    return EndReason.SIGNED_OUT if user.pk == by.pk else EndReason.ENDED_BY_ADMIN
