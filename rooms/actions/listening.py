"""Who hears notices: the owner of a sign-in, of a page, or of a ticket with which they wait before a room."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import parse_cookie

from accounts import notices, tokens
from accounts.api.authentication import authenticate_scope
from accounts.exceptions import NotAuthenticated
from accounts.models import LoginSession, User
from accounts.rules import may_sign_in
from accounts.sessions import stored_key
from rooms.models import LobbyTicket
from rooms.secrets import digest_of


@dataclass(frozen=True)
class Listener:
    """The group that somebody hears, and what that hangs on: a user's sign-in or page, or a ticket."""

    group: str
    user_id: str = ""
    session_id: str = ""
    page: str = ""
    # What the page session is bound to: another password, or the end of all sign-ins, ends it too.
    page_hash: str = ""
    ticket_id: str = ""


def by_bearer(secret: str) -> Listener:
    """Find who holds an access token, or the secret of a ticket.

    Raises:
        accounts.exceptions.NotAuthenticated.
    """
    ticket = LobbyTicket.objects.alive().filter(secret_hash=digest_of(secret)).first()
    if ticket is not None:
        return Listener(group=group_of(ticket), ticket_id=ticket.pk)
    claims = tokens.read_access(secret)
    listener = Listener(notices.group_of(claims.user_id), user_id=claims.user_id, session_id=claims.session_id)
    if ended([listener]):
        raise NotAuthenticated("This sign-in has ended: sign in again.")
    return listener


def by_page(headers: Mapping[str, str]) -> Listener:
    """Find whose page it is.

    Raises:
        accounts.exceptions.NotAuthenticated.
    """
    user = authenticate_scope(headers, method="GET")
    key = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    if user is None or not key:
        raise NotAuthenticated("Sign in first.")
    return Listener(
        notices.group_of(user.pk), user_id=user.pk, page=stored_key(key), page_hash=user.get_session_auth_hash()
    )


def ended(listeners: Collection[Listener]) -> set[Listener]:
    """Give those who may hear nothing any more; the queries are few, however many listen."""
    users = User.objects.in_bulk({listener.user_id for listener in listeners if listener.user_id})
    hashes = {user.pk: {"", user.get_session_auth_hash()} for user in users.values() if may_sign_in(user)}
    sessions = {listener.session_id for listener in listeners if listener.session_id}
    pages = {listener.page for listener in listeners if listener.page}
    tickets = {listener.ticket_id for listener in listeners if listener.ticket_id}
    lasting = {
        "",
        *LoginSession.objects.open().filter(pk__in=sessions).values_list("pk", flat=True),
        *Session.objects.filter(pk__in=pages).values_list("pk", flat=True),
        *LobbyTicket.objects.alive().filter(pk__in=tickets).values_list("pk", flat=True),
    }
    return {
        listener
        for listener in listeners
        if not {listener.session_id, listener.page, listener.ticket_id} <= lasting
        or (listener.user_id and listener.page_hash not in hashes.get(listener.user_id, ()))
    }


def tell_decision(ticket: LobbyTicket) -> None:
    """Tell who waits that they are let in, or not, after the commit."""
    _tell(ticket, [group_of(ticket), *([notices.group_of(ticket.user_id)] if ticket.user_id else [])])


def repeat_decision(listener: Listener) -> None:
    """Tell again what was decided about a ticket before its owner listened."""
    ticket = LobbyTicket.objects.filter(pk=listener.ticket_id, is_admitted__isnull=False).first()
    if ticket is not None:
        _tell(ticket, [listener.group])


def group_of(ticket: LobbyTicket) -> str:
    return f"ticket.{ticket.pk}"


def _tell(ticket: LobbyTicket, groups: list[str]) -> None:
    decision = notices.Admitted if ticket.is_admitted else notices.Refused
    notices.tell(groups, decision(roomId=ticket.room_id))
