"""Who may do what: every operation of the document, as each kind of caller.

The columns are those of PEOPLE: nobody, a stranger, a participant, a co-host, the host, an administrator, and tokens
that were good once: an expired one of the host, and one of a co-host whose account was disabled. The stranger has an
account
and nothing to do with the room; the room is public, so that joining it is everybody's.
"""

import json
import re
from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from tests.asgi import call
from tests.contract.operations import described
from tests.contract.world import PEOPLE, STREAM, World, make_world
from tests.factories import PASSWORD

ACCOUNT = {
    "email": "new@example.com",
    "fName": "New",
    "lName": "Tester",
    "phoneNumber": "923085000453",
    "country": "Pakistan",
    "password": PASSWORD,
}
START = {
    "roomId": "$room",
    "userName": "Tester",
    "streamId": "2",
    "recordingId": STREAM["recording_id"],
    "startTime": 1756364334634,
    "videoType": "audio",
    "status": "pending",
}
STOP = {"recordingId": STREAM["recording_id"], "streamId": STREAM["stream_id"], "endTime": 1756364394634}
LINE = {"meetingId": "$meeting", "userName": "Tester", "message": "Hello."}
LINES = {"meetingId": "$meeting", "lines": [{"userName": "Tester", "message": "Hello."}]}
HOOK = {"url": "https://example.com/mine", "events": ["meeting.ended"]}
RIGHTS = [{"email": "waiting@example.com", "rights": ["view"]}]
# One second of silence.
WAVE = (
    b"RIFF" + (36 + 16000).to_bytes(4, "little") + b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0"
    b"data" + (16000).to_bytes(4, "little") + bytes(16000)
)
# What a body says of the caller is filled in for each.
MEETING = {"title": "Mine", "hostId": "$caller", "transcriptEnabled": True}

# Method and path, body, and the status for each of PEOPLE.
TABLE: dict[str, tuple[Any, str]] = {
    # accounts
    "POST /auth/register": (ACCOUNT, "201 201 201 201 201 201 401 401"),
    "POST /auth/login": (
        {"userName": "host@example.com", "password": PASSWORD},
        "200 200 200 200 200 200 200 200",
    ),
    "POST /auth/refresh": ({"refreshToken": "$refresh"}, "200 200 200 200 200 200 200 200"),
    "POST /auth/logout": ({"refreshToken": "$refresh"}, "401 401 401 401 204 401 401 401"),
    "GET /auth/me": (None, "401 200 200 200 200 200 401 401"),
    "PATCH /auth/me": ({"fName": "Other"}, "401 200 200 200 200 200 401 401"),
    "POST /auth/password/change": (
        {"oldPassword": PASSWORD, "newPassword": "a wholly new one"},
        "401 204 204 204 204 204 401 401",
    ),
    "POST /auth/password/reset": ({"email": "host@example.com"}, "204 204 204 204 204 204 204 204"),
    "POST /auth/password/reset/confirm": (
        {"uid": "none", "token": "none", "newPassword": "a wholly new one"},
        "400 400 400 400 400 400 400 400",
    ),
    # rooms
    "POST /room/create": ({"name": "Mine", "type": "meeting"}, "401 201 201 201 201 403 401 401"),
    "GET /room/list": (None, "401 200 200 200 200 200 401 401"),
    "GET /room/$room": (None, "401 404 200 200 200 404 401 401"),
    "PATCH /room/$room": ({"name": "Other"}, "401 404 403 403 200 404 401 401"),
    "DELETE /room/$room": (None, "401 404 403 403 204 404 401 401"),
    "POST /room/$room/token": ({}, "401 201 201 201 201 403 401 401"),
    "GET /room/$room/members": (None, "401 404 200 200 200 404 401 401"),
    "PUT /room/$room/members": (
        [{"email": "stranger@example.com", "role": "participant"}],
        "401 404 403 200 200 404 401 401",
    ),
    "DELETE /room/$room/members/$participant": (None, "401 404 204 204 204 404 401 401"),
    "GET /room/$room/invites": (None, "401 404 403 200 200 404 401 401"),
    "POST /room/$room/invites": ({}, "401 404 403 201 201 404 401 401"),
    "DELETE /room/$room/invites/$invite": (None, "401 404 403 204 204 404 401 401"),
    "GET /room/$room/lobby": (None, "401 404 403 200 200 404 401 401"),
    "POST /room/$room/lobby/$ticket": ({"admit": True}, "401 404 403 200 200 404 401 401"),
    "POST /room/$room/upload": ("file", "401 404 200 200 200 403 401 401"),
    "GET /room/$room/files": (None, "401 404 200 200 200 403 401 401"),
    "GET /room/$room/files/$file": (None, "401 404 200 200 200 403 401 401"),
    "GET /documents/$room/$file": (None, "401 404 200 200 200 403 401 401"),
    "DELETE /room/$room/files": (None, "401 404 403 200 200 403 401 401"),
    "DELETE /room/$room/files/$file": (None, "401 404 403 200 200 403 401 401"),
    # meetings
    "POST /meetings/create": (MEETING, "401 201 201 201 201 403 401 401"),
    "POST /meetings/import": ("import", "401 202 202 202 202 403 401 401"),
    "GET /meetings/list/$host": (None, "401 403 403 403 200 403 401 401"),
    "POST /meetings/update/$meeting": ({"title": "Other"}, "401 404 403 204 204 403 401 401"),
    "GET /meetings/$meeting": (None, "401 404 200 200 200 403 401 401"),
    "DELETE /meetings/$meeting": (None, "401 404 403 204 204 403 401 401"),
    "POST /meetings/$meeting/end": (None, "401 404 403 204 204 403 401 401"),
    "GET /meetings/$meeting/access": (None, "401 404 403 403 200 403 401 401"),
    "PUT /meetings/$meeting/access": (RIGHTS, "401 404 403 403 200 403 401 401"),
    "GET /meetings/$meeting/consent": (None, "401 404 200 200 200 403 401 401"),
    "PUT /meetings/$meeting/consent": ({"take_part": False}, "401 404 200 200 200 403 401 401"),
    # recordings
    "POST /recording/start": (START, "401 404 201 201 201 403 401 401"),
    "POST /recording/stop": (STOP, "401 404 403 204 204 403 401 401"),
    "GET /recordings/list": (None, "401 200 200 200 200 403 401 401"),
    # transcripts
    "POST /send-transcript": (LINE, "401 404 201 201 201 403 401 401"),
    "POST /send-transcript/batch": (LINES, "401 404 201 201 201 403 401 401"),
    "GET /view-transcript/$meeting": (None, "401 404 200 200 200 403 401 401"),
    "POST /transcription/generate-summary/$meeting": (None, "401 404 403 202 202 403 401 401"),
    "GET /meeting/$meeting/summary": (None, "401 404 200 200 200 403 401 401"),
    # reports: of the host
    "GET /reporting/total-sessions-for-user?userID=$host": (None, "401 403 403 403 200 200 401 401"),
    "GET /reporting/total-sessions-aggregation-for-user?userID=$host": (None, "401 403 403 403 200 200 401 401"),
    "GET /reporting/total-sessions-statistics-for-user?userID=$host": (None, "401 403 403 403 200 200 401 401"),
    "GET /reporting/total-sessions-by-location-for-user?userID=$host": (None, "401 403 403 403 200 200 401 401"),
    "GET /reporting/total-sessions-and-participants-count-by-location-for-user?userID=$host": (
        None,
        "401 403 403 403 200 200 401 401",
    ),
    # webhooks: of the host
    "GET /webhooks": (None, "401 200 200 200 200 403 401 401"),
    "POST /webhooks": (HOOK, "401 201 201 201 201 403 401 401"),
    "GET /webhooks/$webhook": (None, "401 404 404 404 200 403 401 401"),
    "PATCH /webhooks/$webhook": ({"state": "paused"}, "401 404 404 404 200 403 401 401"),
    "DELETE /webhooks/$webhook": (None, "401 404 404 404 204 403 401 401"),
    "POST /webhooks/$webhook/secret": (None, "401 404 404 404 200 403 401 401"),
    "POST /webhooks/$webhook/test": (None, "401 404 404 404 202 403 401 401"),
    "GET /webhooks/$webhook/events": (None, "401 404 404 404 200 403 401 401"),
    "GET /webhooks/$webhook/deliveries": (None, "401 404 404 404 200 403 401 401"),
    "POST /webhooks/$webhook/deliveries/$delivery/replay": (None, "401 404 404 404 202 403 401 401"),
}
# Answered beside Django, in threads of their own, which see only what is committed.
BESIDE_DJANGO = {"POST /room/$room/upload", "GET /documents/$room/$file", "POST /meetings/import"}
FORMS: dict[str, dict[str, Any]] = {
    "file": {"files": {"file": ("more.txt", b"More minutes.")}},
    "import": {"data": {"title": "Mine"}, "files": {"file": ("ben.wav", WAVE)}},
}


def test_every_operation_is_in_the_table():
    named = {re.sub(r"\$\w+", "{}", name.partition("?")[0]) for name in TABLE}

    assert named == set(described())


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name in TABLE if name not in BESIDE_DJANGO])
def test_operation(name):
    world = make_world()

    found = {who: status_in_django(world, name, who) for who in PEOPLE}

    assert found == expected(name)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(BESIDE_DJANGO))
def test_operation_beside_django(name):
    world = make_world()

    found = {who: status_beside_django(world, name, who) for who in PEOPLE}

    assert found == expected(name)


def expected(name: str) -> dict[str, int]:
    return dict(zip(PEOPLE, map(int, TABLE[name][1].split()), strict=True))


def status_in_django(world: World, name: str, who: str) -> int:
    """Call as somebody, and take back what that did."""
    mark = transaction.savepoint()
    method, path = world.fill(name, who).split()
    body = world.fill(TABLE[name][0], who)
    answer = APIClient().generic(
        method,
        path,
        "" if body is None else json.dumps(body),
        content_type="application/json",
        headers={**world.headers(who), "Prefer": "respond-async"},
    )
    transaction.savepoint_rollback(mark)
    return answer.status_code


def status_beside_django(world: World, name: str, who: str) -> int:
    method, path = world.fill(name, who).split()
    return call(method, path, headers=world.headers(who), **FORMS.get(TABLE[name][0], {})).status_code
