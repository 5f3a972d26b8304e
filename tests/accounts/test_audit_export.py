"""The audit log as lines of JSON, from the command and from the panel."""

import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from accounts import audit
from accounts.models import AuditEvent
from tests.asgi import call, page_session

pytestmark = pytest.mark.django_db

EVENTS = "/admin/accounts/auditevent/"


def record_on(day: int, **fields) -> AuditEvent:
    at = datetime(2026, 11, day, 12, 30, 15, 250_000, tzinfo=UTC)
    return AuditEvent.objects.create(**{"action": "GET", "outcome": "ok", "at": at, **fields})


def lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_command_writes_each_event_as_a_line(capsys, owner):
    resource = {"userId": owner.pk, "roomId": "68aff60da51d6c83a24245a2", "fileName": "план.mp4"}
    event = record_on(1, user_id=owner.pk, action="UPLOAD", resource=resource, address="203.0.113.9", outcome="refused")

    call_command("export_audit")

    assert lines(capsys.readouterr().out)[:-1] == [
        {
            "id": event.pk,
            "userId": owner.pk,
            "action": "UPLOAD",
            "resource": resource,
            "timestamp": "2026-11-01T12:30:15.250Z",
            "address": "203.0.113.9",
            "outcome": "refused",
        }
    ]


@pytest.mark.parametrize(
    ("options", "days"),
    [
        ([], [1, 2, 3]),
        (["--since", "2026-11-02"], [2, 3]),
        (["--until", "2026-11-02T12:30:15.250Z"], [1]),
        (["--since", "2026-11-02", "--until", "2026-11-03"], [2]),
    ],
)
def test_command_writes_what_happened_between_two_times(capsys, options, days):
    for day in (1, 2, 3):
        record_on(day)

    call_command("export_audit", *options)

    found = lines(capsys.readouterr().out)
    assert [int(line["timestamp"][8:10]) for line in found if line["action"] == "GET"] == days


def test_command_is_recorded_as_nobodys(capsys):
    call_command("export_audit", "--until", "2026-11-02")

    event = AuditEvent.objects.get()
    assert (event.user_id, event.action, event.resource, event.address) == (None, "EXPORT", {"content": "audit"}, "")
    assert capsys.readouterr().out == ""


def test_command_refuses_what_is_no_time():
    with pytest.raises(CommandError, match="--since"):
        call_command("export_audit", "--since", "yesterday")


def export(client, *events, everything=False):
    form = {"action": "export", "_selected_action": [event.pk for event in events], "index": "0"}
    return client.post(EVENTS, {**form, "select_across": "1" if everything else "0"})


@pytest.mark.parametrize(("everything", "days"), [(False, [2]), (True, [1, 2, 3])])
def test_panel_downloads_the_events_that_are_chosen(client, administrator, everything, days):
    events = [record_on(day) for day in (1, 2, 3)]
    client.force_login(administrator)

    answer = export(client, events[1], everything=everything)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/jsonl")
    assert answer["Content-Disposition"] == 'attachment; filename="audit.jsonl"'
    found = lines(b"".join(answer.streaming_content).decode())
    assert [int(line["timestamp"][8:10]) for line in found if line["action"] == "GET"] == days
    event = AuditEvent.objects.get(action="EXPORT")
    assert (event.user_id, event.resource) == (administrator.pk, {"content": "audit"})


@pytest.mark.django_db(transaction=True)
def test_panel_streams_under_asgi(administrator):
    AuditEvent.objects.bulk_create(AuditEvent(action="GET", outcome="ok") for _ in range(3000))
    form = {"action": "export", "_selected_action": "x", "index": "0", "select_across": "1"}

    answer = call("POST", EVENTS, data=form, headers=page_session(administrator))

    assert answer.status_code == 200
    assert sum(line["action"] == "GET" for line in lines(answer.text)) == 3000


def test_events_leave_in_the_order_in_which_they_happened():
    for number in range(3):
        audit.record("GET", by=None, resource={"n": number})

    found = [json.loads(line)["resource"]["n"] for line in audit.json_lines(AuditEvent.objects.order_by("-at"))]

    assert found == [0, 1, 2]
