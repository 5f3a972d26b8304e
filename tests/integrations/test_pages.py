"""The pages of webhooks."""

import html

import pytest

from integrations.webhooks import actions
from integrations.webhooks.models import Webhook, WebhookDelivery
from tests.integrations.conftest import run, subscribe

pytestmark = pytest.mark.django_db

URL = "https://example.com/hooks"
NOBODY = "0" * 24


@pytest.fixture
def mine(client, owner):
    client.force_login(owner)
    return client


def words(answer) -> str:
    return " ".join(html.unescape(answer.content.decode()).split())


def test_page_without_webhooks_says_so(mine):
    answer = mine.get("/app/webhooks")

    assert answer.status_code == 200
    assert "No webhooks yet." in words(answer)


def test_webhook_is_added_and_its_secret_shown_once(mine, owner):
    form = {"url": URL, "description": "For the wiki", "events": ["meeting.ended", "summary.ready"]}

    answer = mine.post("/app/webhooks", form)

    webhook = Webhook.objects.get()
    assert (webhook.user, webhook.url, webhook.events) == (owner, URL, ["meeting.ended", "summary.ready"])
    assert "whsec_" in words(answer)
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    for path in ("/app/webhooks", f"/app/webhooks/{webhook.pk}"):
        page = words(mine.get(path))
        assert "example.com" in page
        assert "whsec_" not in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": "http://example.com/"}, "Enter an address that begins with https://."),
        ({"url": "https://10.0.0.1/"}, "Enter a public address: this one belongs to an inner network."),
        ({"url": ""}, "This field is required."),
        ({"events": []}, "This field is required."),
        ({"events": ["ping"]}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_in_the_form(mine, changes, said):
    answer = mine.post("/app/webhooks", {"url": URL, "events": ["meeting.ended"], **changes})

    assert answer.status_code == 200
    assert said in words(answer)
    assert not Webhook.objects.exists()


def test_one_webhook_too_many_is_said_in_the_form(mine, owner, monkeypatch):
    monkeypatch.setattr(actions, "MAX_WEBHOOKS", 0)

    answer = mine.post("/app/webhooks", {"url": URL, "events": ["meeting.ended"]})

    assert "You have as many webhooks as one can have: delete one first." in words(answer)


@pytest.mark.parametrize(
    ("status", "said"),
    [(200, "Delivered: 200,"), (503, "Will be tried again"), (410, "Given up")],
)
def test_page_shows_how_deliveries_went(mine, owner, receiver, status, said):
    webhook = subscribe(owner, url=receiver.url)
    waiting = actions.ping(webhook=webhook, by=owner)
    assert "On its way" in words(mine.get(f"/app/webhooks/{webhook.pk}"))
    receiver.status = status

    run(waiting)

    page = words(mine.get(f"/app/webhooks/{webhook.pk}"))
    assert said in page
    assert (f"The receiver answered {status}." in page) is (status != 200)


@pytest.mark.parametrize(
    ("state", "is_failing", "said"),
    [
        ("active", False, "Active"),
        ("active", True, "Failing since"),
        ("paused", False, "Paused"),
        ("gone", True, "Switched off: the receiver is gone"),
    ],
)
def test_state_is_shown_in_words(mine, owner, state, is_failing, said):
    webhook = subscribe(owner)
    Webhook.objects.update(state=state, failing_since=webhook.created_at if is_failing else None)

    for path in ("/app/webhooks", f"/app/webhooks/{webhook.pk}"):
        assert said in words(mine.get(path))


@pytest.mark.parametrize(
    ("act", "state", "said"),
    [
        ("pause", "paused", "The webhook is paused: events are kept and not sent."),
        ("resume", "active", "The webhook is switched on."),
        ("test", "active", "A test event is on its way."),
    ],
)
def test_button_does_what_it_says(mine, owner, act, state, said):
    webhook = subscribe(owner)

    answer = mine.post(f"/app/webhooks/{webhook.pk}/{act}", follow=True)

    webhook.refresh_from_db()
    assert (answer.redirect_chain, webhook.state) == ([(f"/app/webhooks/{webhook.pk}", 302)], state)
    assert said in words(answer)
    assert WebhookDelivery.objects.exists() is (act == "test")


def test_webhook_is_deleted(mine, owner):
    webhook = subscribe(owner)

    answer = mine.post(f"/app/webhooks/{webhook.pk}/delete", follow=True)

    assert "The webhook was deleted." in words(answer)
    assert not Webhook.objects.exists()


def test_act_that_does_not_go_is_said(mine, owner):
    webhook = subscribe(owner)
    actions.update(webhook=webhook, values={"state": "paused"}, by=owner)

    answer = mine.post(f"/app/webhooks/{webhook.pk}/test", follow=True)

    assert "This webhook is paused or switched off: switch it on first." in words(answer)


def test_act_that_is_none_is_not_found(mine, owner):
    assert mine.post(f"/app/webhooks/{subscribe(owner).pk}/explode").status_code == 404


def test_new_secret_is_shown_with_the_end_of_the_old_one(mine, owner):
    webhook = subscribe(owner)

    page = words(mine.post(f"/app/webhooks/{webhook.pk}/secret"))

    assert "whsec_" in page
    assert "Messages are signed with the old secret too until" in page


def test_event_is_sent_again(mine, owner, receiver):
    webhook = subscribe(owner, url=receiver.url)
    sent = run(actions.ping(webhook=webhook, by=owner))

    answer = mine.post(f"/app/webhooks/{webhook.pk}/deliveries/{sent.pk}/replay", follow=True)
    again = mine.post(f"/app/webhooks/{webhook.pk}/deliveries/{sent.pk}/replay", follow=True)

    assert "The event is sent again." in words(answer)
    assert "This event is on its way already." in words(again)
    assert WebhookDelivery.objects.count() == 2


def test_buttons_that_reach_others_are_limited(mine, owner, settings):
    settings.RATES = {**settings.RATES, "RATE_WEBHOOK_SEND": "1/d"}
    webhook = subscribe(owner)

    answers = [mine.post(f"/app/webhooks/{webhook.pk}/test", follow=True) for _ in range(2)]

    assert "Too many requests" in words(answers[1])
    assert WebhookDelivery.objects.count() == 1


PATHS = [
    ("get", "/app/webhooks/{webhook}"),
    ("post", "/app/webhooks/{webhook}/secret"),
    ("post", "/app/webhooks/{webhook}/pause"),
    ("post", "/app/webhooks/{webhook}/delete"),
    ("post", "/app/webhooks/{webhook}/deliveries/{delivery}/replay"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize(("who", "status"), [("nobody", 302), ("stranger", 404), ("administrator", 403)])
def test_page_of_somebody_else_is_closed(client, owner, stranger, administrator, method, path, who, status):
    webhook = subscribe(owner)
    delivery = actions.ping(webhook=webhook, by=owner)
    before = Webhook.objects.values().get()
    if who != "nobody":
        client.force_login({"stranger": stranger, "administrator": administrator}[who])

    answer = getattr(client, method)(path.format(webhook=webhook.pk, delivery=delivery.pk))

    assert answer.status_code == status
    assert (Webhook.objects.values().get(), WebhookDelivery.objects.count()) == (before, 1)


def test_administrator_has_no_page(client, administrator):
    client.force_login(administrator)

    assert client.get("/app/webhooks").status_code == 403


def test_page_that_is_not_there_is_not_found(mine):
    assert mine.get(f"/app/webhooks/{NOBODY}").status_code == 404
