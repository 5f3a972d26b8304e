"""A running system tells a receiver of a meeting, whatever is killed meanwhile."""

import json
import time

import httpx
import pytest

from integrations.webhooks import protocol
from tests.integrations.receiver import receiving
from tests.system.people import register
from tests.system.processes import serving, wait_until

ENV = {
    "WEBHOOK_ALLOW_HTTP": "True",
    "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.1",
    "WORK_LEASE_SECONDS": "2",
    "WORK_SWEEP_SECONDS": "1",
}


@pytest.fixture(scope="module")
def system():
    with serving(env=ENV) as running:
        yield running


def test_events_of_a_meeting_arrive_although_worker_and_web_are_killed(system):
    person = register(system, "subscriber")
    with receiving() as (receiver, _):
        body = {"url": receiver.url, "events": ["transcript.ready", "summary.ready"]}
        made = httpx.post(f"{system.base_url}/webhooks", json=body, headers=person.headers, timeout=30).json()["data"]
        # The receiver drips: whoever delivers the test event is killed in the middle of it.
        receiver.drip = 0.1
        tested = httpx.post(f"{system.base_url}/webhooks/{made['id']}/test", headers=person.headers, timeout=30)
        wait_until(lambda: receiver.received, 30, "the test event is being delivered")
        killed = {name: system.kill(name) for name in ("worker", "web")}
        receiver.drip = 0
        for name, pid in killed.items():
            system.wait_for_restart(name, pid)
        system.wait_until_ready()

        meeting_id = person.import_demo(seconds=6)

        def delivered():
            time.sleep(0.5)
            deliveries = person.get(f"/webhooks/{made['id']}/deliveries").json()["data"]
            return deliveries if [row["state"] for row in deliveries] == ["done"] * 3 else None

        deliveries = wait_until(delivered, 90, "three events are delivered")

    told = {got.headers["webhook-id"]: got for got in receiver.received}
    bodies = [json.loads(got.body) for got in told.values()]
    now = int(time.time())
    assert tested.status_code == 202
    assert {(body["sequence"], body["type"]) for body in bodies} == {
        (1, "ping"),
        (2, "transcript.ready"),
        (3, "summary.ready"),
    }
    assert {body["data"].get("meetingId", meeting_id) for body in bodies} == {meeting_id}
    assert all(protocol.verify(made["secret"], got.headers, got.body, now=now) for got in told.values())
    assert {row["eventId"] for row in deliveries} == set(told)
