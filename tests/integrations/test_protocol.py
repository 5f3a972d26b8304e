"""The wire form of a delivery: secrets, signatures, the body."""

import base64
import json
from datetime import UTC, datetime

import pytest

from integrations.webhooks import protocol
from integrations.webhooks.protocol import Message

# The worked example of Standard Webhooks, which its libraries are tested with.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIMESTAMP = 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
OTHER_SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()

GENUINE = {"webhook-id": ID, "webhook-timestamp": str(TIMESTAMP), "webhook-signature": SIGNATURE}


def test_signature_is_that_of_the_standard():
    assert protocol.sign(SECRET, message_id=ID, timestamp=TIMESTAMP, body=BODY) == SIGNATURE


def test_headers_hold_a_signature_of_each_secret():
    made = protocol.headers([SECRET, OTHER_SECRET], message_id=ID, timestamp=TIMESTAMP, body=BODY)

    other = protocol.sign(OTHER_SECRET, message_id=ID, timestamp=TIMESTAMP, body=BODY)
    assert made == {**GENUINE, "webhook-signature": f"{SIGNATURE} {other}"}
    assert all(protocol.verify(secret, made, BODY, now=TIMESTAMP) for secret in (SECRET, OTHER_SECRET))


def test_new_secret_is_32_random_bytes_that_sign():
    first, second = protocol.new_secret(), protocol.new_secret()

    assert first.startswith("whsec_")
    assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32
    assert first != second
    made = protocol.headers([first], message_id=ID, timestamp=TIMESTAMP, body=BODY)
    assert protocol.verify(first, made, BODY, now=TIMESTAMP)
    assert not protocol.verify(second, made, BODY, now=TIMESTAMP)


@pytest.mark.parametrize("secret", ["whsec_not base64", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", ""])
def test_secret_of_another_form_is_refused(secret):
    with pytest.raises(ValueError, match="whsec_ and base64"):
        protocol.sign(secret, message_id=ID, timestamp=TIMESTAMP, body=BODY)


@pytest.mark.parametrize("late", [-300, 0, 300])
def test_genuine_delivery_is_taken(late):
    assert protocol.verify(SECRET, GENUINE, BODY, now=TIMESTAMP + late)


@pytest.mark.parametrize(
    ("changed", "body", "now"),
    [
        ({}, BODY + b" ", TIMESTAMP),
        ({}, BODY, TIMESTAMP + 301),
        ({}, BODY, TIMESTAMP - 301),
        ({"webhook-id": "msg_other"}, BODY, TIMESTAMP),
        ({"webhook-id": ""}, BODY, TIMESTAMP),
        ({"webhook-timestamp": str(TIMESTAMP + 1)}, BODY, TIMESTAMP),
        ({"webhook-timestamp": "soon"}, BODY, TIMESTAMP),
        ({"webhook-timestamp": "١٦١٤٢٦٥٣٣٠"}, BODY, TIMESTAMP),
        ({"webhook-timestamp": ""}, BODY, TIMESTAMP),
        ({"webhook-signature": ""}, BODY, TIMESTAMP),
        ({"webhook-signature": SIGNATURE.removeprefix("v1,")}, BODY, TIMESTAMP),
        ({"webhook-signature": SIGNATURE.replace("v1", "v2")}, BODY, TIMESTAMP),
        ({"webhook-signature": "v1,ключ"}, BODY, TIMESTAMP),
    ],
)
def test_delivery_that_is_not_genuine_or_old_is_refused(changed, body, now):
    assert not protocol.verify(SECRET, {**GENUINE, **changed}, body, now=now)


def test_delivery_without_headers_is_refused():
    assert not protocol.verify(SECRET, {}, BODY, now=TIMESTAMP)


def test_body_is_the_envelope_the_same_each_time():
    at = datetime(2025, 10, 14, 13, 8, 9, 559123, UTC)
    message = Message("68ee4b39b22d6134386fc5df", "meeting.ended", at, 7, "68ee4b39b22d6134386fc5dd", {"title": "Ёлка"})

    assert json.loads(message.body) == {
        "type": "meeting.ended",
        "timestamp": "2025-10-14T13:08:09.559Z",
        "sequence": 7,
        "subscriptionId": "68ee4b39b22d6134386fc5dd",
        "data": {"title": "Ёлка"},
    }
    assert message.body == message.body
