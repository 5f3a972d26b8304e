"""Lines that come encrypted, or look as if."""

import base64
import hashlib
import json
import os
from pathlib import Path

import pytest

from accounts.enums import Outcome
from accounts.models import AuditEvent
from meetings.models import Participant
from tests.transcripts.sending import SECRET, said
from transcripts import crypto
from transcripts.models import Line

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_secret")]

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "crypto.json").read_text())["vectors"]


@pytest.mark.parametrize("vector", [v for v in VECTORS if v["text"]], ids=lambda v: f"{v['format']}-{v['hash']}")
@pytest.mark.parametrize("flag", [{}, {"isEncrypted": True}])
def test_ciphertext_of_other_clients_is_decrypted(send, running, settings, vector, flag):
    settings.ENCRYPTION_SECRET = vector["secret"]
    settings.WIRE_PBKDF2_HASH = settings.LEGACY_GCM_HASH = vector["hash"]

    answer = send(running, message=vector["message"], **flag)

    assert answer.status_code == 201
    assert said(running) == [vector["text"]]


def test_hash_of_older_messages_may_be_another(send, running, settings):
    old = next(v for v in VECTORS if (v["format"], v["hash"]) == ("gcm", "sha512") and v["text"])
    settings.ENCRYPTION_SECRET, settings.LEGACY_GCM_HASH = old["secret"], "sha512"

    send(running, message=old["message"])
    send(running, message=crypto.encrypt("Newer", old["secret"]))

    assert sorted(said(running)) == sorted([old["text"], "Newer"])


def test_text_that_looks_encrypted_is_text_where_the_client_says_so(send, running):
    message = crypto.encrypt("Hello.", "another secret")

    assert send(running, message=message, isEncrypted=False).status_code == 201
    assert said(running) == [message]


def unreadable(flag):
    return [
        {"message": crypto.encrypt("Hello.", "another secret"), **flag},
        {"message": base64.b64encode(os.urandom(160)).decode(), **flag},
    ]


@pytest.mark.parametrize(
    "fields", [*unreadable({}), *unreadable({"isEncrypted": True}), {"message": "Hello.", "isEncrypted": True}]
)
def test_what_cannot_be_decrypted_is_refused_and_not_kept(send, running, fields):
    answer = send(running, **fields)

    assert (answer.status_code, answer.json()["code"]) == (400, "undecryptable")
    assert (Line.objects.count(), Participant.objects.count()) == (0, 0)


@pytest.mark.parametrize("change", [{"ENCRYPTION_SECRET": ""}, {"ALLOW_SHARED_SECRET": False}])
def test_without_a_secret_no_ciphertext_is_read(send, running, settings, change):
    for name, value in change.items():
        setattr(settings, name, value)
    message = crypto.encrypt("Hello.", SECRET)

    answers = [send(running, message=message), send(running, message=message, isEncrypted=True), send(running)]

    assert [answer.status_code for answer in answers] == [400, 400, 201]
    assert said(running) == ["Hello."]


def test_who_fails_too_often_is_tried_no_more(send, owner, running, settings):
    settings.RATES = {**settings.RATES, "RATE_UNDECRYPTABLE": "2/d"}
    bad, good = crypto.encrypt("Hello.", "another secret"), crypto.encrypt("Hello.", SECRET)

    answers = [send(running, message=message) for message in (bad, bad, bad, good)]

    assert [answer.status_code for answer in answers] == [400, 400, 429, 429]
    assert (int(answers[3].headers["Retry-After"]) > 0, Line.objects.count()) == (True, 0)
    assert [send(running).status_code, send(running, message=bad, isEncrypted=False).status_code] == [201, 201]
    event = AuditEvent.objects.get(outcome=Outcome.LIMITED)
    assert (event.user_id, event.resource["rate"]) == (owner.pk, "RATE_UNDECRYPTABLE")


UNREADABLE = {
    "under another secret": ({"message": crypto.encrypt("Hello.", "another secret")}, 400),
    "with blocks that are not whole": ({"message": base64.b64encode(os.urandom(161)).decode()}, 201),
    "text that is said to be none": ({"message": "Hello.", "isEncrypted": True}, 400),
}


@pytest.mark.parametrize(("fields", "status"), UNREADABLE.values(), ids=UNREADABLE)
def test_line_that_nobody_can_read_counts_in_every_form(send, running, settings, fields, status):
    settings.RATES = {**settings.RATES, "RATE_UNDECRYPTABLE": "2/d"}

    answers = [send(running, **fields) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [status, status, 429]


def test_batch_of_what_nobody_can_read_is_tried_no_further_than_the_limit(send_batch, running, settings, monkeypatch):
    settings.RATES = {**settings.RATES, "RATE_UNDECRYPTABLE": "2/d"}
    lines = [{"message": base64.b64encode(os.urandom(161)).decode()} for _ in range(20)]
    derived = []
    monkeypatch.setattr(hashlib, "pbkdf2_hmac", lambda *given: derived.append(given) or bytes(32))

    answer = send_batch(running, *lines)

    assert (answer.status_code, len(derived), Line.objects.count()) == (429, 3, 0)


def test_ciphertext_of_nothing_has_no_words(send, running):
    answer = send(running, message=crypto.encrypt(" ", SECRET))

    assert (answer.status_code, answer.json()["errors"]) == (400, {"message": ["This field may not be blank."]})
