"""`/webhooks` and `/webhooks/:id`: subscribing, changing, deleting."""

import json

import pytest

from accounts.models import AuditEvent
from config.lib import keys
from config.lib.keystore import KeyMissing
from config.lib.times import iso
from integrations.webhooks import actions
from integrations.webhooks.enums import WebhookState
from integrations.webhooks.exceptions import WebhookNotFound
from integrations.webhooks.models import Webhook, WebhookDelivery, WebhookEvent
from tests.factories import make_meeting
from tests.integrations.conftest import run, subscribe, tell
from tests.integrations.wire import URL, audited, fields

pytestmark = pytest.mark.django_db


def test_webhook_is_made_and_its_secret_told_once(mine, owner):
    body = {"url": URL, "events": ["summary.ready", "meeting.ended", "summary.ready"], "description": "For the wiki"}

    answer = mine.post("/webhooks", body, format="json")

    webhook = Webhook.objects.get()
    made = fields(webhook, events=["meeting.ended", "summary.ready"], description="For the wiki")
    secret = answer.json()["data"].pop("secret")
    assert (answer.status_code, answer.json()["success"]) == (201, True)
    assert answer.json()["data"] | {"secret": secret} == made | {"secret": secret}
    assert secret.startswith("whsec_")
    assert mine.get(f"/webhooks/{webhook.pk}").json() == {"success": True, "data": made}
    assert audited("CREATE") == (owner.pk, {"webhookId": webhook.pk}, "127.0.0.1")


def test_secret_is_nowhere_in_the_clear(owner):
    webhook, first = actions.subscribe(url=URL, events=["meeting.ended"], by=owner)
    _, second = actions.renew_secret(webhook=webhook, by=owner)

    stored = Webhook.objects.get()
    kept = b"".join([bytes(stored.secret), bytes(stored.previous_secret)])
    audit = json.dumps(list(AuditEvent.objects.values_list("resource", flat=True)))
    for secret in (first, second):
        assert secret.encode() not in kept
        assert secret.removeprefix("whsec_").encode() not in kept
        assert secret not in audit


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"url": "http://example.com/"}, {"url": ["Enter an address that begins with https://."]}),
        (
            {"url": "https://u:p@example.com/"},
            {"url": ["Enter an address such as https://example.com/hooks, without name, password and spaces."]},
        ),
        (
            {"url": "https://127.0.0.1/"},
            {"url": ["Enter a public address: this one belongs to an inner network."]},
        ),
        (
            {"url": "https://169.254.169.254/latest"},
            {"url": ["Enter a public address: this one belongs to an inner network."]},
        ),
        ({"url": 5}, {"url": ["This field must be a text."]}),
        ({"events": []}, {"events": ["Ensure this field has at least 1 elements."]}),
        ({"events": ["ping"]}, {"events": {"0": ['"ping" is not a valid choice.']}}),
        ({"events": "meeting.ended"}, {"events": ['Expected a list of items but got type "str".']}),
        ({"description": "x" * 201}, {"description": ["Ensure this field has no more than 200 characters."]}),
    ],
)
def test_webhook_that_cannot_be_is_refused(mine, changes, errors):
    answer = mine.post("/webhooks", {"url": URL, "events": ["meeting.ended"], **changes}, format="json")

    assert (answer.status_code, answer.json()["errors"]) == (400, errors)
    assert not Webhook.objects.exists()


def test_missing_fields_are_told(mine):
    answer = mine.post("/webhooks", {}, format="json")

    required = ["This field is required."]
    assert (answer.status_code, answer.json()["errors"]) == (400, {"url": required, "events": required})


def test_inner_network_may_be_allowed(mine, settings):
    settings.WEBHOOK_ALLOW_HTTP = True
    settings.WEBHOOK_ALLOWED_NETWORKS = ["10.0.0.0/8"]

    answer = mine.post("/webhooks", {"url": "http://10.1.2.3:8080/", "events": ["meeting.ended"]}, format="json")

    assert answer.status_code == 201


def test_number_of_webhooks_is_bounded(mine, owner, stranger, monkeypatch):
    monkeypatch.setattr(actions, "MAX_WEBHOOKS", 1)
    subscribe(stranger)
    subscribe(owner)

    answer = mine.post("/webhooks", {"url": URL, "events": ["meeting.ended"]}, format="json")

    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_webhooks")


@pytest.mark.parametrize("count", [1, 3])
def test_list_has_the_callers_webhooks_in_one_query(mine, owner, stranger, count, django_assert_num_queries):
    subscribe(stranger)
    webhooks = [subscribe(owner) for _ in range(count)]

    with django_assert_num_queries(1):
        answer = mine.get("/webhooks")

    assert answer.json() == {"success": True, "data": [fields(webhook) for webhook in reversed(webhooks)]}


def test_list_is_paged(mine, owner):
    first, second = subscribe(owner), subscribe(owner)

    page = mine.get("/webhooks?limit=1")

    assert [row["id"] for row in page.json()["data"]] == [second.pk]
    assert page["Link"] == f'<http://127.0.0.1:8000/webhooks?limit=1&cursor={second.pk}>; rel="next"'
    assert [row["id"] for row in mine.get(f"/webhooks?cursor={second.pk}").json()["data"]] == [first.pk]


def test_webhook_is_changed_where_the_body_says_so(mine, owner):
    webhook = subscribe(owner)
    body = {"url": "https://example.com/new", "events": ["summary.ready"]}

    answer = mine.patch(f"/webhooks/{webhook.pk}", body, format="json")

    assert (answer.status_code, answer.json()["data"]) == (200, fields(webhook, **body))
    assert audited("UPDATE") == (owner.pk, {"webhookId": webhook.pk, "fields": ["events", "url"]}, "127.0.0.1")
    unchanged = mine.patch(f"/webhooks/{webhook.pk}", {}, format="json")
    assert unchanged.json()["data"] == fields(webhook, **body)


@pytest.mark.parametrize(
    ("before", "after"),
    [("active", "paused"), ("paused", "active"), ("gone", "active"), ("gone", "paused"), ("active", "active")],
)
def test_webhook_is_paused_and_switched_on(mine, owner, before, after):
    webhook = subscribe(owner)
    Webhook.objects.filter(pk=webhook.pk).update(state=before)

    answer = mine.patch(f"/webhooks/{webhook.pk}", {"state": after}, format="json")

    assert (answer.status_code, answer.json()["data"]["state"]) == (200, after)


def test_switching_on_forgets_the_failures(mine, owner, receiver):
    webhook = subscribe(owner, url=receiver.url)
    receiver.status = 410
    run(actions.ping(webhook=webhook, by=owner))

    answer = mine.patch(f"/webhooks/{webhook.pk}", {"state": "active"}, format="json")

    assert (answer.json()["data"]["state"], answer.json()["data"]["failingSince"]) == ("active", None)


@pytest.mark.parametrize("body", [{"state": "gone"}, {"url": "https://10.0.0.1/"}, {"events": []}])
def test_change_that_cannot_be_is_refused(mine, owner, body):
    webhook = subscribe(owner)

    answer = mine.patch(f"/webhooks/{webhook.pk}", body, format="json")

    assert (answer.status_code, answer.json()["errors"].keys()) == (400, body.keys())
    webhook.refresh_from_db()
    assert (webhook.url, webhook.state) == (URL, WebhookState.ACTIVE)


def test_webhook_is_deleted_with_all_that_belongs_to_it(mine, owner, django_capture_on_commit_callbacks):
    webhook, kept = subscribe(owner), subscribe(owner)
    tell(make_meeting(owner))

    with django_capture_on_commit_callbacks(execute=True):
        answer = mine.delete(f"/webhooks/{webhook.pk}")

    assert (answer.status_code, answer.content) == (204, b"")
    assert [list(model.objects.values_list("pk", flat=True)) for model in (Webhook, WebhookEvent)] == [
        [kept.pk],
        [kept.log.get().pk],
    ]
    assert WebhookDelivery.objects.get().event.webhook == kept
    with pytest.raises(KeyMissing):
        keys.cipher(webhook.pk)
    assert audited("DELETE") == (owner.pk, {"webhookId": webhook.pk}, "127.0.0.1")


def test_webhook_that_was_deleted_a_moment_ago_is_not_found(owner):
    webhook = subscribe(owner)
    delivery = actions.ping(webhook=webhook, by=owner)
    Webhook.objects.all().delete()

    for act in (lambda: actions.ping(webhook=webhook, by=owner), lambda: actions.replay(delivery=delivery, by=owner)):
        with pytest.raises(WebhookNotFound):
            act()


def test_new_secret_is_told_once(mine, owner):
    webhook, old = actions.subscribe(url=URL, events=["meeting.ended"], by=owner)

    answer = mine.post(f"/webhooks/{webhook.pk}/secret")

    webhook.refresh_from_db()
    told = answer.json()["data"]
    assert answer.status_code == 200
    assert told["secret"].startswith("whsec_")
    assert told["secret"] != old
    assert told["previousSecretUntil"] == iso(webhook.previous_secret_until)
    assert "secret" not in mine.get(f"/webhooks/{webhook.pk}").json()["data"]
    assert audited("UPDATE") == (owner.pk, {"webhookId": webhook.pk, "fields": ["secret"]}, "127.0.0.1")


def test_changes_of_state_that_the_table_forbids_are_refused(owner):
    webhook = subscribe(owner)

    with pytest.raises(ValueError, match="cannot go from active to active"):
        webhook.change_state(WebhookState.ACTIVE)
