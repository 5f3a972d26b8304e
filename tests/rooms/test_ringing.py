"""Ringing somebody up: who may, how often, and what the tabs of both are told."""

import pytest
from django.core.cache import cache

from config.lib.errors import NotAllowed, RateLimited
from config.lib.ids import new_id
from rooms.actions import ringing
from rooms.exceptions import AlreadyRinging, CallNotFound, MemberNotFound, RoomNotFound


@pytest.fixture
def rung(owner, member, room):
    return ringing.ring(room_id=room.pk, whom=member.pk, by=owner)


def test_ring_is_told_to_the_one_who_is_rung_up(owner, member, room, told, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        call_id = ringing.ring(room_id=room.pk, whom=member.pk, by=owner)

    text = (
        f'{{"type":"ring","callId":"{call_id}","from":"{owner.pk}","username":"{owner.full_name}",'
        f'"roomId":"{room.pk}"}}'
    )
    assert told() == [(f"user.{member.pk}", text)]


@pytest.mark.parametrize("whom", ["stranger", "administrator", None, "nobody"])
def test_only_members_are_rung_up(request, owner, room, whom):
    user_id = {None: new_id(), "nobody": "nobody"}.get(whom) or request.getfixturevalue(whom).pk

    with pytest.raises(MemberNotFound):
        ringing.ring(room_id=room.pk, whom=user_id, by=owner)


def test_stranger_rings_nobody_up(stranger, owner, room):
    with pytest.raises(RoomNotFound):
        ringing.ring(room_id=room.pk, whom=owner.pk, by=stranger)


def test_one_person_is_rung_up_once_at_a_time(rung, owner, member, room):
    with pytest.raises(AlreadyRinging):
        ringing.ring(room_id=room.pk, whom=member.pk, by=owner)
    ringing.answer(call_id=rung, accept=False, cause="", by=owner)

    assert ringing.ring(room_id=room.pk, whom=member.pk, by=owner) != rung


def test_nobody_rings_all_the_time(owner, cohost, member, room, settings):
    settings.RATES = {**settings.RATES, "RATE_RING": "1/d"}
    ringing.ring(room_id=room.pk, whom=member.pk, by=owner)

    with pytest.raises(RateLimited):
        ringing.ring(room_id=room.pk, whom=cohost.pk, by=owner)


@pytest.mark.parametrize(("accept", "cause", "said"), [(True, "", ""), (False, "busy", ',"cause":"busy"')])
def test_first_answer_is_told_to_both(
    rung, owner, member, told, accept, cause, said, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        ringing.answer(call_id=rung, accept=accept, cause=cause, by=member)

    text = f'{{"type":"ring-answer","callId":"{rung}","accept":{str(accept).lower()}{said}}}'
    assert told() == [(f"user.{owner.pk}", text), (f"user.{member.pk}", text)]
    with pytest.raises(CallNotFound):
        ringing.answer(call_id=rung, accept=True, cause="", by=member)


def test_who_rings_may_give_up_and_not_answer(rung, owner):
    with pytest.raises(NotAllowed):
        ringing.answer(call_id=rung, accept=True, cause="", by=owner)
    ringing.answer(call_id=rung, accept=False, cause="cancelled", by=owner)

    assert cache.get(f"call:{rung}") is None


@pytest.mark.parametrize("call_id", [None, "nothing", "0" * 24])
def test_call_of_others_is_not_there(rung, stranger, call_id):
    with pytest.raises(CallNotFound):
        ringing.answer(call_id=rung if call_id is None else call_id, accept=True, cause="", by=stranger)


def test_of_two_answers_at_once_one_counts(rung, member, monkeypatch):
    pair = cache.get(f"call:{rung}")
    cache.delete(f"call:{rung}")
    monkeypatch.setattr(type(cache), "get", lambda self, name: pair, raising=False)

    with pytest.raises(CallNotFound):
        ringing.answer(call_id=rung, accept=True, cause="", by=member)
