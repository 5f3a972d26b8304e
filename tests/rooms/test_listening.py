"""Who hears notices, for how long, and what is told of tickets."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts import actions as accounts_actions
from accounts.clients import Client as Sender
from accounts.enums import EndReason, SessionKind
from accounts.exceptions import NotAuthenticated
from accounts.models import LoginSession
from rooms.actions import invites, joining, listening
from rooms.actions.joining import Device, Wish
from rooms.actions.listening import Listener
from rooms.enums import RoomRole
from rooms.models import TICKET_LIFE, LobbyTicket
from tests.asgi import page_session


@pytest.fixture
def access(member) -> str:
    sender = Sender(address="127.0.0.1")
    return accounts_actions.start_session(by=member, kind=SessionKind.LONG, client=sender).access


@pytest.fixture
def ticket(private_room, stranger) -> str:
    waiting = joining.enter(room_id=private_room.pk, wish=Wish(), by=stranger, device=Device())
    return waiting.ticket


def test_access_token_hears_its_user_until_the_sign_in_ends(member, access):
    listener = listening.by_bearer(access)
    before = listening.ended([listener])
    LoginSession.objects.all().end(EndReason.SIGNED_OUT)

    assert listener == Listener(f"user.{member.pk}", user_id=member.pk, session_id=LoginSession.objects.get().pk)
    assert (before, listening.ended([listener])) == (set(), {listener})
    with pytest.raises(NotAuthenticated):
        listening.by_bearer(access)


def test_disabled_account_hears_nothing(member, access):
    listener = listening.by_bearer(access)
    member.is_active = False
    member.save()

    assert listening.ended([listener]) == {listener}


def test_page_hears_its_user_until_it_is_signed_out(client, member):
    headers = {name.lower(): value for name, value in page_session(member).items()}
    listener = listening.by_page(headers)
    before = listening.ended([listener])
    listening.Session.objects.all().delete()

    assert (listener.user_id, listener.session_id) == (member.pk, "")
    assert (before, listening.ended([listener])) == (set(), {listener})


def test_page_hears_nothing_after_another_password(client, member):
    listener = listening.by_page({name.lower(): value for name, value in page_session(member).items()})
    member.set_password("another password of theirs")
    member.save()

    assert listening.ended([listener]) == {listener}


@pytest.mark.parametrize("headers", [{}, {"cookie": "sessionid=nothing"}])
def test_page_of_nobody_hears_nothing(db, headers):
    with pytest.raises(NotAuthenticated):
        listening.by_page(headers)


def test_ticket_hears_of_itself_until_it_is_too_old(ticket):
    listener = listening.by_bearer(ticket)
    row = LobbyTicket.objects.get()
    before = listening.ended([listener])
    LobbyTicket.objects.update(created_at=timezone.now() - TICKET_LIFE - timedelta(seconds=1))

    assert listener == Listener(f"ticket.{row.pk}", ticket_id=row.pk)
    assert (before, listening.ended([listener])) == (set(), {listener})


@pytest.mark.parametrize(("admit", "kind"), [(True, "admitted"), (False, "refused")])
def test_decision_is_told_to_the_ticket_and_to_the_tabs_of_its_user(
    ticket, private_room, owner, stranger, told, admit, kind, django_capture_on_commit_callbacks
):
    row = LobbyTicket.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        joining.decide(room=private_room, ticket_id=row.pk, admit=admit, by=owner)

    text = f'{{"type":"{kind}","roomId":"{private_room.pk}"}}'
    assert told() == [(f"ticket.{row.pk}", text), (f"user.{stranger.pk}", text)]


def test_decision_is_told_again_to_who_comes_late(
    ticket, private_room, owner, told, django_capture_on_commit_callbacks
):
    listener = listening.by_bearer(ticket)
    with django_capture_on_commit_callbacks(execute=True):
        listening.repeat_decision(listener)
        LobbyTicket.objects.update(is_admitted=True)
        listening.repeat_decision(listener)

    assert told() == [(listener.group, f'{{"type":"admitted","roomId":"{private_room.pk}"}}')]


def test_decision_about_a_guest_is_told_to_the_ticket_alone(
    private_room, owner, told, django_capture_on_commit_callbacks
):
    _, secret = invites.invite(room=private_room, role=RoomRole.PARTICIPANT, expires_at=None, by=owner)
    joining.enter(room_id=private_room.pk, wish=Wish(name="Carl", invite=secret), by=AnonymousUser(), device=Device())
    with django_capture_on_commit_callbacks(execute=True):
        joining.decide_all(room=private_room, admit=False, by=owner)

    assert [group for group, _ in told()] == [f"ticket.{LobbyTicket.objects.get().pk}"]
