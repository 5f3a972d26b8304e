"""Who is told of what: the numbered log of each webhook."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from config.lib import facts
from config.lib.times import iso
from integrations.webhooks import actions
from integrations.webhooks.enums import WebhookState
from integrations.webhooks.models import Webhook, WebhookDelivery, WebhookEvent
from meetings.actions import coming
from meetings.enums import Right
from meetings.models import AccessGrant, Meeting, Participant
from tests.factories import make_meeting, make_room, make_user
from tests.integrations.conftest import KINDS, subscribe, tell

pytestmark = pytest.mark.django_db


def tell_in_vain(meeting):
    """State the fact in a transaction that fails."""
    with suppress(InterruptedError), transaction.atomic():
        tell(meeting)
        raise InterruptedError


def numbers(webhook) -> list[int]:
    return list(webhook.log.order_by("sequence").values_list("sequence", flat=True))


@pytest.mark.parametrize(
    ("fact", "name", "times"),
    [
        ("meeting_started", "meeting.started", ["startedAt"]),
        ("meeting_ended", "meeting.ended", ["startedAt", "endedAt"]),
        ("transcript_ready", "transcript.ready", []),
        ("summary_ready", "summary.ready", []),
    ],
)
def test_fact_becomes_an_event_with_ids_and_metadata(owner, fact, name, times):
    meeting = make_meeting(owner, title="Weekly planning")
    webhook = subscribe(owner)

    facts.state(fact, meeting=meeting)

    event = webhook.log.get()
    known = {"startedAt": iso(meeting.started_at), "endedAt": iso(meeting.ended_at)}
    assert (event.sequence, event.type, event.payload) == (
        1,
        name,
        {
            "meetingId": meeting.pk,
            "title": "Weekly planning",
            "hostId": owner.pk,
            "roomId": None,
            **{time: known[time] for time in times},
        },
    )
    assert event.deliveries.get().state == "queued"


@pytest.mark.parametrize(("event", "more"), [("participant.joined", []), ("participant.left", ["leftAt", "reason"])])
def test_event_of_a_participant_says_who_when_and_why(owner, event, more):
    meeting = make_meeting(owner)
    webhook = subscribe(owner)

    tell(meeting, event)

    known = {"leftAt": iso(meeting.ended_at), "reason": "left"}
    assert webhook.log.get().payload == {
        "meetingId": meeting.pk,
        "title": "Planning",
        "hostId": owner.pk,
        "roomId": None,
        "participantId": owner.pk,
        "joinedAt": iso(meeting.started_at),
        **{name: known[name] for name in more},
    }


def test_who_comes_and_who_leaves_is_told_in_order(owner, member):
    room, webhook = make_room(owner), subscribe(owner)
    for who in (owner, member):
        coming.arrive([coming.Comer(room_id=room.pk, seat=who.pk, person=who.pk, name=who.full_name)])
    coming.leave(seat=member.pk, reason="removed")

    told = [(event.type, event.payload.get("participantId")) for event in webhook.log.order_by("sequence")]
    assert told == [
        ("meeting.started", None),
        ("participant.joined", owner.pk),
        ("participant.joined", member.pk),
        ("participant.left", member.pk),
    ]
    assert webhook.log.get(sequence=4).payload["reason"] == "removed"


@pytest.mark.parametrize(
    ("who", "hears"),
    [
        ("owner", True),
        ("participant", True),
        ("participant without rights", False),
        ("viewer", True),
        ("exporter", False),
        ("cohost without view", False),
        ("stranger", False),
        ("disabled host", False),
        ("promoted host", False),
    ],
)
def test_event_is_told_to_those_who_may_view_the_meeting(owner, stranger, member, who, hears):
    meeting = make_meeting(owner)
    user = {"stranger": stranger, "owner": owner, "disabled host": owner, "promoted host": owner}.get(who, member)
    webhook = subscribe(user)
    if "participant" in who:
        Participant.objects.create(meeting=meeting, user=member, name="Member", position=5)
    if who == "participant without rights":
        Meeting.objects.filter(pk=meeting.pk).update(participant_rights=[])
        meeting.refresh_from_db()
    rights = {"viewer": [Right.VIEW], "exporter": [Right.EXPORT], "cohost without view": [Right.EDIT]}
    if who in rights:
        is_cohost = who.startswith("cohost")
        AccessGrant.objects.create(meeting=meeting, user=member, rights=rights[who], is_cohost=is_cohost)
    if who == "disabled host":
        owner.is_active = False
    if who == "promoted host":
        owner.is_staff = True
    owner.save()

    tell(meeting)

    assert webhook.log.exists() is hears
    assert Meeting.objects.visible_to(user).filter(pk=meeting.pk).exists() is hears


def test_event_that_was_not_asked_for_is_not_told(owner):
    meeting = make_meeting(owner)
    webhook = subscribe(owner, events=["summary.ready", "meeting.started"])

    for event in KINDS:
        tell(meeting, event)

    assert list(webhook.log.order_by("sequence").values_list("sequence", "type")) == [
        (1, "meeting.started"),
        (2, "summary.ready"),
    ]


def test_each_webhook_has_numbers_of_its_own(owner, member):
    meeting, other = make_meeting(owner), make_meeting(member)
    first, second, third = subscribe(owner), subscribe(owner), subscribe(member)

    tell(meeting)
    tell(other)
    tell(meeting)

    assert [numbers(webhook) for webhook in (first, second, third)] == [[1, 2], [1, 2], [1]]


@pytest.mark.parametrize("state", [WebhookState.PAUSED, WebhookState.GONE])
def test_event_for_a_webhook_that_is_off_is_numbered_and_not_sent(owner, state):
    meeting = make_meeting(owner)
    webhook = subscribe(owner)
    Webhook.objects.filter(pk=webhook.pk).update(state=state)

    tell(meeting)

    event = webhook.log.get()
    assert (event.sequence, event.deliveries.exists()) == (1, False)


def test_number_of_a_transaction_that_fails_is_given_again(owner):
    meeting = make_meeting(owner)
    webhook = subscribe(owner)

    tell_in_vain(meeting)
    tell(meeting, "summary.ready")

    assert (numbers(webhook), webhook.log.get().type) == ([1], "summary.ready")


def test_telling_takes_as_many_queries_with_strangers_as_without(owner, django_assert_num_queries):
    meeting = make_meeting(owner)
    for number in range(3):
        subscribe(make_user(f"stranger{number}"))

    with django_assert_num_queries(1):
        tell(meeting)


@pytest.mark.django_db(transaction=True)
def test_events_of_many_transactions_at_once_have_no_gap_and_no_number_twice(owner, member, monkeypatch):
    monkeypatch.setattr("config.lib.work.ring", lambda unit: None)
    meeting = make_meeting(owner)
    Participant.objects.create(meeting=meeting, user=member, name="Member", position=5)
    webhooks = [subscribe(owner), subscribe(member), subscribe(owner)]
    ready = threading.Barrier(6)

    def state_facts(number):
        try:
            ready.wait()
            for turn in range(10):
                if (number + turn) % 3 == 0:
                    tell_in_vain(meeting)
                    continue
                with transaction.atomic():
                    tell(meeting)
        finally:
            connection.close()

    threads = [threading.Thread(target=state_facts, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for webhook in webhooks:
        webhook.refresh_from_db()
        assert numbers(webhook) == list(range(1, 41))
        assert webhook.last_sequence == 40
    assert WebhookDelivery.objects.count() == 120


def test_old_events_and_secrets_are_forgotten_and_numbers_go_on(owner, settings):
    meeting = make_meeting(owner)
    webhook = subscribe(owner)
    actions.renew_secret(webhook=webhook, by=owner)
    for _ in range(3):
        tell(meeting)
    old = timezone.now() - timedelta(days=settings.WEBHOOK_RETENTION_DAYS, seconds=1)
    WebhookEvent.objects.filter(sequence__lte=2).update(created_at=old)
    Webhook.objects.update(previous_secret_until=timezone.now() - timedelta(seconds=1))

    actions.forget_old()
    tell(meeting)

    webhook.refresh_from_db()
    assert (numbers(webhook), WebhookDelivery.objects.count()) == ([3, 4], 2)
    assert (webhook.previous_secret, webhook.previous_secret_until) == (None, None)


def test_secret_that_still_signs_is_kept(owner):
    webhook = subscribe(owner)
    actions.renew_secret(webhook=webhook, by=owner)

    actions.forget_old()

    webhook.refresh_from_db()
    assert webhook.previous_secret is not None
