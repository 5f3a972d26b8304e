"""A delivery from its queue to its receiver: signed, tried again, given up."""

import json
from datetime import timedelta

import pytest
from celery import current_app
from django.core import mail
from django.utils import timezone

from accounts.models import AuditEvent, User
from config.lib import keys, work
from config.lib.work import WorkState
from integrations.webhooks import actions, client, delivery, protocol
from integrations.webhooks.delivery import deliver
from integrations.webhooks.enums import WebhookState
from integrations.webhooks.models import BACKOFF_SECONDS, Webhook, WebhookDelivery
from tests.factories import make_meeting
from tests.integrations.conftest import run, subscribe, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(owner):
    return make_meeting(owner)


@pytest.fixture
def secret():
    return {}


@pytest.fixture
def webhook(owner, receiver, secret):
    made, secret["now"] = actions.subscribe(url=receiver.url, events=["meeting.ended"], by=owner)
    return made


def told(meeting) -> WebhookDelivery:
    tell(meeting)
    return WebhookDelivery.objects.order_by("-pk").first()


def give_up(sent):
    """Let every attempt be made, each when it is due."""
    for _ in range(len(BACKOFF_SECONDS) + 1):
        run(sent)
    return sent


def is_genuine(secret, got) -> bool:
    return protocol.verify(secret, got.headers, got.body, now=int(timezone.now().timestamp()))


def test_event_is_delivered_signed_and_noted(webhook, receiver, secret, meeting):
    sent = run(told(meeting))

    [got] = receiver.received
    event = webhook.log.get()
    assert is_genuine(secret["now"], got)
    assert (got.headers["webhook-id"], got.headers["content-type"]) == (event.pk, "application/json")
    assert json.loads(got.body) == {
        "type": "meeting.ended",
        "timestamp": event.message.envelope["timestamp"],
        "sequence": 1,
        "subscriptionId": webhook.pk,
        "data": event.payload,
    }
    assert (sent.state, sent.attempts, sent.response_status, sent.response_bytes, sent.error_code) == (
        WorkState.DONE,
        1,
        200,
        len(b"thank you"),
        "",
    )
    assert sent.duration_ms is not None
    assert sent.attempted_at is not None


def test_worker_delivers_by_the_name_of_the_task(webhook, receiver, meeting):
    sent = told(meeting)

    current_app.loader.import_default_modules()
    current_app.tasks[WebhookDelivery.task](sent.pk)

    sent.refresh_from_db()
    assert (sent.state, len(receiver.received)) == (WorkState.DONE, 1)


def test_delivery_is_not_made_twice(webhook, receiver, meeting):
    sent = told(meeting)

    for _ in range(2):
        run(sent)

    assert len(receiver.received) == 1


def test_failed_delivery_is_tried_again_under_its_number_and_id(webhook, receiver, secret, meeting):
    receiver.status = 503
    sent = run(told(meeting))
    webhook.refresh_from_db()
    failed = (sent.state, sent.attempts, sent.response_status, sent.error_code, sent.error_message)
    failing_since = webhook.failing_since

    receiver.status = 200
    run(sent)

    webhook.refresh_from_db()
    first, second = receiver.received
    assert failed == (WorkState.QUEUED, 1, 503, "rejected", "The receiver answered 503.")
    assert failing_since is not None
    assert (sent.state, sent.attempts, sent.response_status, sent.error_code, webhook.failing_since) == (
        WorkState.DONE,
        2,
        200,
        "",
        None,
    )
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert is_genuine(secret["now"], second)


def test_attempts_grow_apart_and_take_a_day(webhook, receiver, meeting):
    receiver.status = 500
    sent = told(meeting)
    waits = []

    for _ in BACKOFF_SECONDS:
        run(sent)
        waits.append((sent.not_before - timezone.now()).total_seconds())

    assert all(
        wait == pytest.approx(planned, rel=0.11, abs=1) for wait, planned in zip(waits, BACKOFF_SECONDS, strict=True)
    )
    assert 23 * 3600 < sum(BACKOFF_SECONDS) < 25 * 3600
    assert sent.state == WorkState.QUEUED


def test_delivery_before_its_time_is_not_made(webhook, receiver, meeting):
    receiver.status = 500
    sent = run(told(meeting))

    run(sent, at_once=False)

    assert (sent.attempts, len(receiver.received)) == (1, 1)


def test_delivery_is_given_up_after_a_day_and_its_owner_told_once(
    webhook, receiver, owner, meeting, django_capture_on_commit_callbacks
):
    receiver.status = 500
    first, second = told(meeting), told(meeting)

    with django_capture_on_commit_callbacks(execute=True):
        give_up(first)
        give_up(second)

    assert (first.state, first.attempts, second.state) == (WorkState.PARKED, len(BACKOFF_SECONDS) + 1, WorkState.PARKED)
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == ([owner.email], "A webhook to 127.0.0.1 fails")
    assert f"/app/webhooks/{webhook.pk}" in sent.body
    assert "key=1" not in sent.body
    webhook.refresh_from_db()
    assert webhook.state == WebhookState.ACTIVE


def test_owner_is_told_anew_after_it_has_worked_again(webhook, receiver, meeting, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for status in (500, 200, 500):
            receiver.status = status
            give_up(told(meeting))

    assert len(mail.outbox) == 2


def test_mail_that_cannot_be_sent_is_logged(
    webhook, receiver, meeting, settings, caplog, django_capture_on_commit_callbacks
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    receiver.status = 500

    with django_capture_on_commit_callbacks(execute=True):
        give_up(told(meeting))

    assert f"the mail about webhook {webhook.pk} was not sent" in caplog.text


def test_receiver_that_is_gone_switches_the_webhook_off(webhook, receiver, meeting, django_capture_on_commit_callbacks):
    receiver.status = 410
    first, second = told(meeting), told(meeting)

    with django_capture_on_commit_callbacks(execute=True):
        run(first)
        run(second)

    webhook.refresh_from_db()
    assert (first.state, first.attempts, first.error_code) == (WorkState.PARKED, 1, "receiver_gone")
    assert (second.state, second.error_code, len(receiver.received)) == (WorkState.PARKED, "webhook_not_active", 1)
    assert webhook.state == WebhookState.GONE
    assert "gone for good" in mail.outbox[0].body
    assert AuditEvent.objects.filter(action="UPDATE", user_id=None).get().resource == {
        "webhookId": webhook.pk,
        "fields": ["state"],
    }


def test_receiver_that_is_gone_twice_is_gone(webhook, receiver, meeting, monkeypatch):
    receiver.status = 410
    post = client.post

    def post_meanwhile(*args, **options):
        """Answer after another delivery has heard the same."""
        Webhook.objects.filter(pk=webhook.pk).update(state=WebhookState.GONE)
        return post(*args, **options)

    monkeypatch.setattr(client, "post", post_meanwhile)

    sent = run(told(meeting))

    assert (sent.state, sent.error_code) == (WorkState.PARKED, "receiver_gone")


@pytest.mark.parametrize("off", ["paused", "disabled", "administrator"])
def test_what_waits_for_a_webhook_that_is_off_is_not_sent(
    webhook, receiver, owner, meeting, off, django_capture_on_commit_callbacks
):
    sent = told(meeting)
    if off == "paused":
        actions.update(webhook=webhook, values={"state": "paused"}, by=owner)
    else:
        User.objects.filter(pk=owner.pk).update(**{"is_active": off != "disabled", "is_staff": off == "administrator"})

    with django_capture_on_commit_callbacks(execute=True):
        run(sent)

    assert (sent.state, sent.error_code, receiver.received) == (WorkState.PARKED, "webhook_not_active", [])
    assert mail.outbox == []


def test_unreachable_receiver_is_noted_without_an_answer(webhook, owner, meeting):
    actions.update(webhook=webhook, values={"url": "http://127.0.0.1:9/"}, by=owner)

    sent = run(told(meeting))

    assert (sent.state, sent.error_code, sent.response_status) == (WorkState.QUEUED, "unreachable", None)
    assert sent.error_message == "Nothing listens at the address of the receiver."


def test_address_that_is_no_more_allowed_is_not_delivered_to(webhook, receiver, meeting, settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = []

    sent = run(told(meeting))

    assert (sent.state, sent.error_code, receiver.received) == (WorkState.QUEUED, "address_refused", [])


def test_new_secret_signs_with_the_old_one_for_a_day(webhook, receiver, owner, secret, meeting):
    _, new = actions.renew_secret(webhook=webhook, by=owner)
    run(told(meeting))
    Webhook.objects.update(previous_secret_until=timezone.now())
    run(told(meeting))

    during, after = receiver.received
    assert [is_genuine(key, during) for key in (secret["now"], new)] == [True, True]
    assert [is_genuine(key, after) for key in (secret["now"], new)] == [False, True]


def test_secret_renewed_twice_leaves_the_first_behind(webhook, receiver, owner, secret, meeting):
    _, second = actions.renew_secret(webhook=webhook, by=owner)
    _, third = actions.renew_secret(webhook=webhook, by=owner)

    run(told(meeting))

    [got] = receiver.received
    assert [is_genuine(key, got) for key in (secret["now"], second, third)] == [False, True, True]


def test_webhook_whose_key_is_gone_is_given_up(webhook, receiver, meeting):
    keys.destroy(webhook.pk)

    sent = run(told(meeting))

    assert (sent.state, sent.error_code, receiver.received) == (WorkState.PARKED, "key_missing", [])


def test_stopping_worker_leaves_the_event_unsent(webhook, receiver, meeting):
    sent = told(meeting)
    work.stopping.set()
    try:
        run(sent)
    finally:
        work.stopping.clear()

    assert (sent.state, sent.attempts, receiver.received) == (WorkState.QUEUED, 0, [])


def test_failure_of_a_delivery_that_somebody_else_makes_by_now_is_not_noted(webhook, receiver, meeting):
    receiver.status = 500
    sent = told(meeting)
    lease = work.take(WebhookDelivery, sent.pk)
    WebhookDelivery.objects.filter(pk=sent.pk).update(lease="somebody else's")

    with pytest.raises(work.LeaseLost):
        deliver(lease)

    sent.refresh_from_db()
    webhook.refresh_from_db()
    assert (sent.attempted_at, webhook.failing_since) == (None, None)


def test_delivery_killed_in_the_middle_is_made_by_the_next_worker(webhook, receiver, meeting, monkeypatch):
    monkeypatch.setattr(work, "ring", lambda unit: None)
    sent = told(meeting)
    work.take(WebhookDelivery, sent.pk)
    WebhookDelivery.objects.filter(pk=sent.pk).update(lease_until=timezone.now() - timedelta(seconds=1))

    work.sweep()
    run(sent)

    assert (sent.state, sent.attempts, len(receiver.received)) == (WorkState.DONE, 2, 1)


def test_settled_work_of_another_kind_is_nothing_to_follow(owner, meeting):
    from transcripts.models import NotesWriting  # noqa: PLC0415 - one of many

    notes = NotesWriting(meeting=meeting, state=WorkState.PARKED)

    delivery.follow_delivery(notes)

    assert mail.outbox == []


def test_log_holds_nothing_that_the_receiver_said(webhook, receiver, meeting):
    receiver.status, receiver.answer = 500, b"canary of the receiver"
    receiver.headers = {"X-Canary": "canary of the receiver"}

    sent = run(told(meeting))

    assert "canary" not in str(WebhookDelivery.objects.filter(pk=sent.pk).values().get())


def test_test_event_is_sent_to_any_webhook(webhook, receiver, owner):
    sent = run(actions.ping(webhook=webhook, by=owner))

    [got] = receiver.received
    body = json.loads(got.body)
    assert (sent.state, body["type"], body["sequence"], body["data"]) == (
        WorkState.DONE,
        "ping",
        1,
        {"requestedBy": owner.pk},
    )


def test_receiver_sees_the_gap_that_a_pause_left(webhook, receiver, owner, meeting):
    run(told(meeting))
    actions.update(webhook=webhook, values={"state": "paused"}, by=owner)
    tell(meeting)
    actions.update(webhook=webhook, values={"state": "active"}, by=owner)
    run(told(meeting))

    assert [json.loads(got.body)["sequence"] for got in receiver.received] == [1, 3]
    assert subscribe(owner).last_sequence == 0
