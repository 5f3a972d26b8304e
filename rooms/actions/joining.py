"""Letting people into a room: members, newcomers, guests, and those who have to wait before the door."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.exceptions import NotAuthenticated
from accounts.models import User
from accounts.rules import Person
from accounts.sessions import bound_to
from config.lib.errors import DomainError
from config.lib.ids import is_id
from rooms import presence, rules, tokens
from rooms.actions import listening
from rooms.enums import RoomRole, lower_of
from rooms.exceptions import (
    BadInvite,
    BadTicket,
    LobbyFull,
    NameNeeded,
    Refused,
    Removed,
    RoomFull,
    RoomLocked,
    RoomNotFound,
    TicketNotFound,
)
from rooms.models import (
    MOST_WAITING,
    MOST_WAITING_BY_INVITE,
    PERSON_NAME_LENGTH,
    TICKET_LIFE,
    GuestInvite,
    LobbyTicket,
    Room,
    RoomMember,
)
from rooms.names import person_name
from rooms.realtime import publishing
from rooms.secrets import digest_of, new_secret
from rooms.tokens import RoomClaims


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: a role, at most; for guests a name and the secret of their invitation; and the secret of
    the ticket with which they wait."""

    role: RoomRole = RoomRole.HOST
    name: str = ""
    invite: str = ""
    ticket: str = ""


@dataclass(frozen=True)
class Device:
    """What asks: its sign-in, or the session of its page under the hash of its key, and the page that it shows."""

    session_id: str | None = None
    page: str | None = None
    origin: str | None = None


@dataclass(frozen=True)
class Admission:
    """A seat in the room, and the token that opens it."""

    token: str
    expires_at: datetime
    role: RoomRole
    room: Room


@dataclass(frozen=True)
class Waiting:
    """Before the door; the same call with the ticket says when that changes."""

    ticket: str


@dataclass(frozen=True)
class _Visitor:
    person: str
    name: str
    role: RoomRole


@transaction.atomic
def enter(*, room_id: str, wish: Wish, by: Person, device: Device) -> Admission | Waiting:
    """Give a seat in a room, or a place before its door.

    The role that is asked for is lowered to the one that the person has. Users who come into a public room, or are
    admitted into a private one, become its members; guests come with an invitation, and stay guests.

    Raises:
        RoomNotFound: only to users.
        NotAuthenticated: neither a user nor a guest with an invitation.
        ContentClosedToAdmins: an administrator would hear what is said.
        BadInvite, NameNeeded, BadTicket, LobbyFull, Refused, RoomLocked, Removed, RoomFull.
    """
    if not (isinstance(by, User) or wish.ticket or wish.invite):
        raise NotAuthenticated("Sign in, or come with an invitation.")
    room = Room.objects.select_related("owner").filter(pk=room_id).first() if is_id(room_id) else None
    if room is None:
        raise _not_there(wish, by)
    visitor = _user(room, wish, by) if isinstance(by, User) else _guest(room, wish)
    if isinstance(visitor, Waiting):
        return visitor
    _check_open(room, visitor)
    _check_space(room, visitor)
    role = lower_of(visitor.role, wish.role)
    claims = RoomClaims(
        person=visitor.person,
        name=visitor.name,
        room_id=room.pk,
        role=role,
        seat=tokens.new_seat(),
        session_id=device.session_id,
        page=device.page,
        bound_to=bound_to(by) if device.page and isinstance(by, User) else None,
        origin=device.origin,
    )
    token, expires_at = tokens.make_room(claims)
    resource = {"roomId": room.pk, "person": visitor.person, "role": role}
    audit.record("ROOM-TOKEN", by=by, resource=resource)
    return Admission(token, expires_at, role, room)


@transaction.atomic
def decide(*, room: Room, ticket_id: str, admit: bool, by: User) -> LobbyTicket:
    """Let somebody in or refuse them; a decision may be changed until it is used.

    Raises:
        TicketNotFound.
    """
    rows = LobbyTicket.objects.alive().select_for_update().filter(room=room, pk=ticket_id)
    ticket = rows.first() if is_id(ticket_id) else None
    if ticket is None:
        raise TicketNotFound
    _decide(ticket, admit, by)
    return ticket


@transaction.atomic
def decide_all(*, room: Room, admit: bool, by: User) -> None:
    """Let everybody in who waits by now, or refuse them."""
    for ticket in LobbyTicket.objects.waiting().select_for_update().filter(room=room):
        _decide(ticket, admit, by)


def _decide(ticket: LobbyTicket, admit: bool, by: User) -> None:
    ticket.is_admitted = admit
    ticket.save(update_fields=["is_admitted"])
    audit.record("ADMIT" if admit else "REFUSE", by=by, resource={"roomId": ticket.room_id, "person": ticket.person})
    publishing.to_hosts(ticket.room_id, "lobby-decision", ticket=ticket.pk, admit=admit)
    listening.tell_decision(ticket)


def _not_there(wish: Wish, by: Person) -> DomainError:
    """Guests do not learn which rooms there are: to them it is as if the room were another."""
    if isinstance(by, User):
        return RoomNotFound()
    return BadTicket() if wish.ticket else BadInvite()


def _user(room: Room, wish: Wish, user: User) -> _Visitor | Waiting:
    rules.check_visit(user)
    role = rules.role_of(user, room)
    if role is not None:
        return _Visitor(user.pk, user.full_name, role)
    Room.objects.locked(room.pk)
    if room.is_private:
        if wish.ticket:
            ticket, secret = _ticket(room, wish.ticket, user), wish.ticket
        else:
            ticket, secret = _ask(room, person=user.pk, name=user.full_name, user=user)
        if not _is_admitted(ticket):
            return Waiting(secret)
        ticket.delete()
    member, _ = RoomMember.objects.get_or_create(room=room, user=user, defaults={"role": room.newcomer_role})
    return _Visitor(user.pk, user.full_name, RoomRole(member.role))


def _guest(room: Room, wish: Wish) -> _Visitor | Waiting:
    if wish.ticket:
        ticket = _ticket(room, wish.ticket, None)
        visitor = _guest_of(ticket.invite, ticket.person, ticket.name)
        return visitor if not room.is_private or _is_admitted(ticket) else Waiting(wish.ticket)
    invite = GuestInvite.objects.select_related("room").filter(room=room, secret_hash=digest_of(wish.invite)).first()
    visitor = _guest_of(invite, tokens.new_guest(), person_name(wish.name, PERSON_NAME_LENGTH))
    if room.is_private:
        Room.objects.locked(room.pk)
        _, secret = _ask(room, person=visitor.person, name=visitor.name, invite=invite)
        return Waiting(secret)
    return visitor


def _guest_of(invite: GuestInvite | None, person: str, name: str) -> _Visitor:
    if invite is None or not invite.is_open:
        raise BadInvite
    if not name:
        raise NameNeeded
    return _Visitor(person, name, lower_of(RoomRole(invite.role), invite.room.newcomer_role))


def _ask(
    room: Room, *, person: str, name: str, user: User | None = None, invite: GuestInvite | None = None
) -> tuple[LobbyTicket, str]:
    """Make a ticket of a room that is locked; a user has one, which gets a new secret. What is too old goes meanwhile.

    Raises:
        LobbyFull.
    """
    LobbyTicket.objects.filter(room=room, created_at__lte=timezone.now() - TICKET_LIFE).delete()
    if user is None or not room.tickets.filter(user=user).exists():
        _check_lobby(room, invite)
    secret = new_secret()
    values = {"person": person, "name": name, "invite": invite, "secret_hash": digest_of(secret)}
    if user is None:
        ticket = LobbyTicket.objects.create(room=room, **values)
    else:
        ticket, _ = LobbyTicket.objects.update_or_create(room=room, user=user, defaults=values)
    publishing.to_hosts(room.pk, "lobby-request", ticket=ticket.pk, username=ticket.name)
    return ticket, secret


def _check_lobby(room: Room, invite: GuestInvite | None) -> None:
    """Raises: LobbyFull."""
    waiting = room.tickets.waiting()
    by_invite = waiting.filter(invite=invite) if invite else waiting.none()
    if waiting.count() >= MOST_WAITING or by_invite.count() >= MOST_WAITING_BY_INVITE:
        raise LobbyFull


def _ticket(room: Room, secret: str, user: User | None) -> LobbyTicket:
    alive = LobbyTicket.objects.alive().select_related("invite__room")
    ticket = alive.filter(room=room, secret_hash=digest_of(secret), user=user).first()
    if ticket is None:
        raise BadTicket
    return ticket


def _is_admitted(ticket: LobbyTicket) -> bool:
    """Raises: Refused."""
    if ticket.is_admitted is False:
        raise Refused
    return ticket.is_admitted is True


def _check_open(room: Room, visitor: _Visitor) -> None:
    """Raises: Removed, RoomLocked."""
    if room.rulings.filter(person=visitor.person, is_removed=True).exists():
        raise Removed
    is_host = visitor.role in rules.HOSTS
    if room.is_locked and not is_host and visitor.person not in presence.people_in(room.pk):
        raise RoomLocked


def _check_space(room: Room, visitor: _Visitor) -> None:
    """The owner always has a place, and so has whoever is there already and comes back.

    Raises:
        RoomFull.
    """
    if room.max_participants is None or visitor.role == RoomRole.HOST:
        return
    people = presence.people_in(room.pk)
    if visitor.person not in people and len(people) >= room.max_participants:
        raise RoomFull
