"""Which limit an operation counts under: every operation of the document, and every limit of the settings."""

import pytest

from config.pending import PENDING
from tests.contract.test_permissions import BESIDE_DJANGO, TABLE, status_beside_django, status_in_django
from tests.contract.world import make_world

UNLIMITED = "1000000/m"

# Operations with a limit of their own; all others count under RATE_DEFAULT.
LIMITS = {
    "POST /auth/register": "RATE_REGISTER",
    "POST /auth/login": "RATE_LOGIN",
    "POST /auth/password/change": "RATE_LOGIN",
    "POST /auth/password/reset": "RATE_LOGIN",
    "POST /auth/password/reset/confirm": "RATE_LOGIN",
    "POST /room/$room/upload": "RATE_FILES",
    "GET /room/$room/files": "RATE_FILES",
    "GET /room/$room/files/$file": "RATE_FILES",
    "GET /documents/$room/$file": "RATE_FILES",
    "DELETE /room/$room/files": "RATE_FILES",
    "DELETE /room/$room/files/$file": "RATE_FILES",
    "POST /send-transcript": "RATE_TRANSCRIPT",
    "POST /send-transcript/batch": "RATE_TRANSCRIPT",
    "POST /transcription/generate-summary/$meeting": "RATE_SUMMARY",
    "POST /webhooks/$webhook/test": "RATE_WEBHOOK_SEND",
    "POST /webhooks/$webhook/deliveries/$delivery/replay": "RATE_WEBHOOK_SEND",
}
# What counts not the calls but what they do; the tests of those operations have it.
INSIDE = {"RATE_INVITE", "RATE_RING", "RATE_UNDECRYPTABLE", "RATE_UNKNOWN_NAME"}
# The contract names these, for operations that are still to come.
TO_COME = {
    "RATE_SPEECH_TOKEN": ("GET", "/api/get-speech-token"),
    "RATE_BLOB_STORAGE": ("GET", "/recordings/user/{userId}/storage-info"),
    "RATE_BLOB_UPLOAD": (
        "POST",
        "/recordings/user/{userId}/room/{roomId}/recording/{recordingId}/upload-to-blob",
    ),
    "RATE_BLOB_DELETE": ("DELETE", "/recordings/user/{userId}/room/{roomId}/recording/{recordingId}/{fileName}"),
    "RATE_SAS_TOKEN": (
        "GET",
        "/recordings/user/{userId}/room/{roomId}/recording/{recordingId}/file/{fileName}/sas-url",
    ),
}


def test_every_limit_is_counted_or_waits_for_its_operation(settings):
    assert set(settings.RATES) == {"RATE_DEFAULT", *LIMITS.values(), *INSIDE, *TO_COME}
    assert set(LIMITS) <= set(TABLE)
    assert set(TO_COME.values()) <= set(PENDING)


@pytest.mark.django_db
def test_operations_are_refused_by_their_own_limit(settings):
    world = make_world()

    found = {name: _status(settings, status_in_django, world, name) for name in TABLE if name not in BESIDE_DJANGO}

    assert found == dict.fromkeys(found, 429)


@pytest.mark.django_db(transaction=True)
def test_operations_beside_django_are_refused_by_their_own_limit(settings):
    world = make_world()

    found = {name: _status(settings, status_beside_django, world, name) for name in BESIDE_DJANGO}

    assert found == dict.fromkeys(found, 429)


def _status(settings, call, world, name: str) -> int:
    """Call as the host while nothing is limited but what the operation should count under."""
    limit = LIMITS.get(name, "RATE_DEFAULT")
    settings.RATES = {**dict.fromkeys(settings.RATES, UNLIMITED), limit: "0/m"}
    return call(world, name, "host")
