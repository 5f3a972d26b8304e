"""Every refusal to somebody who is known is in the audit log, once, whoever refuses."""

import pytest
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as RedisDown

from accounts import actions
from accounts.enums import SessionKind
from accounts.models import AuditEvent
from accounts.trail import Trail
from config import refusals
from rooms.models import Room
from tests.accounts.conftest import HERE
from tests.asgi import bearer, call, page_session
from tests.factories import make_meeting

pytestmark = pytest.mark.django_db(transaction=True)


def refused() -> list[dict]:
    rows = AuditEvent.objects.exclude(outcome="ok").order_by("id")
    return list(rows.values("user_id", "action", "resource", "address", "outcome"))


def row(user, action, **resource):
    return {
        "user_id": user.pk,
        "action": action,
        "resource": resource,
        "address": "127.0.0.1",
        "outcome": "refused",
    }


@pytest.mark.parametrize("sign_in", [bearer, page_session])
def test_call_about_another_user_is_recorded(owner, stranger, sign_in):
    answer = call("GET", f"/meetings/list/{owner.pk}", headers=sign_in(stranger))

    assert answer.status_code == 403
    assert refused() == [row(stranger, "GET", route="meeting-list", userId=owner.pk)]


def test_refusal_that_an_action_records_is_recorded_once(owner, stranger):
    meeting = make_meeting(owner)

    answer = call("GET", f"/view-transcript/{meeting.pk}", headers=bearer(stranger))

    assert answer.status_code == 404
    assert refused() == [row(stranger, "GET", meetingId=meeting.pk, content="transcript", userId=owner.pk)]


def test_id_of_any_characters_is_recorded(owner):
    answer = call("GET", f"/meetings/list/%00%ff{'x' * 200}", headers=bearer(owner))

    assert answer.status_code == 403
    assert refused() == [row(owner, "GET", route="meeting-list", userId=("\ufffd\ufffd" + "x" * 200)[:128])]


@pytest.mark.parametrize("who", ["stranger", "administrator"])
def test_refusal_of_a_page_is_recorded_with_whose_thing_it_is(request, owner, who):
    meeting, person = make_meeting(owner), request.getfixturevalue(who)

    answer = call("GET", f"/m/{meeting.pk}/progress", headers=page_session(person))

    assert answer.status_code == (403 if who == "administrator" else 404)
    assert refused() == [row(person, "GET", route="meeting_progress", meetingId=meeting.pk, userId=owner.pk)]


def test_refusal_beside_django_is_recorded(owner, administrator):
    meeting = make_meeting(owner)

    answer = call("HEAD", f"/m/{meeting.pk}/audio", headers=bearer(administrator))

    assert answer.status_code == 403
    assert refused() == [row(administrator, "GET", route="meeting-audio", meetingId=meeting.pk, userId=owner.pk)]


def test_upload_that_is_refused_is_recorded(administrator):
    answer = call("POST", "/meetings/import", headers=bearer(administrator))

    assert answer.status_code == 403
    assert refused() == [row(administrator, "UPLOAD", route="meeting-import")]


def test_panel_that_is_closed_is_recorded(owner):
    answer = call("GET", "/admin/login/", headers=page_session(owner))

    assert answer.status_code == 403
    assert refused() == [row(owner, "GET", route="admin:login")]


def test_form_without_its_token_is_recorded(owner):
    answer = call("PATCH", "/auth/me", headers=page_session(owner, with_csrf=False), json={"fName": "Eve"})

    assert answer.status_code == 403
    assert refused() == [row(owner, "PATCH", route="api_me")]


def test_token_of_a_sign_in_that_has_ended_is_recorded(owner):
    headers = bearer(owner)
    actions.end_sessions(user=owner, by=owner, client=HERE)

    answer = call("GET", "/auth/me", headers=headers)

    assert answer.status_code == 401
    assert refused() == [row(owner, "GET", route="api_me")]


def test_what_nobody_known_is_refused_is_not_recorded(owner):
    meeting = make_meeting(owner)

    statuses = [
        call("GET", "/auth/me").status_code,
        call("GET", f"/m/{meeting.pk}/audio").status_code,
        call("GET", "/auth/me", headers={"Authorization": "Bearer a.b.c"}).status_code,
    ]

    assert statuses == [401, 401, 401]
    assert refused() == []


def test_what_is_not_there_is_not_recorded(owner, stranger):
    meeting = make_meeting(stranger)

    statuses = [
        call("GET", path, headers=bearer(stranger)).status_code
        for path in (f"/m/{'0' * 24}/audio", f"/m/{meeting.pk}/audio", "/nowhere")
    ]

    assert statuses == [404, 404, 404]
    assert refused() == []


def test_same_refusal_again_is_recorded_once_a_minute(owner, stranger):
    headers = bearer(stranger)
    for path in ("/meetings/list/" + owner.pk, "/meetings/list/" + owner.pk, "/meetings/list/" + "0" * 24):
        call("GET", path, headers=headers)

    assert [found["resource"]["userId"] for found in refused()] == [owner.pk, "0" * 24]


def test_refusal_is_recorded_without_redis(owner, stranger, monkeypatch):
    def fail(*args, **options):
        raise RedisDown

    headers = bearer(stranger)
    monkeypatch.setattr(RedisCache, "add", fail)

    call("GET", f"/meetings/list/{owner.pk}", headers=headers)

    assert len(refused()) == 1


def test_room_tells_whose_it_is(owner, stranger):
    room = Room.objects.create(name="Kitchen", owner=owner)
    trail = Trail(address="127.0.0.1")
    refusals.describe(trail, method="POST", route="room-upload", ids={"room_id": room.pk, "token": "secret"})

    refusals.record(trail, status=404, by=stranger)

    assert refused() == [row(stranger, "UPLOAD", route="room-upload", roomId=room.pk, userId=owner.pk)]


def test_level_of_changes_keeps_refusals_and_no_reading(owner, stranger, settings):
    settings.AUDIT_LEVEL = "changes"
    meeting = make_meeting(owner)
    mine = actions.start_session(by=owner, kind=SessionKind.LONG, client=HERE)

    call("GET", f"/view-transcript/{meeting.pk}", headers={"Authorization": f"Bearer {mine.access}"})
    call("GET", f"/view-transcript/{meeting.pk}", headers=bearer(stranger))

    assert list(AuditEvent.objects.order_by("id").values_list("action", "outcome")) == [
        ("LOGIN", "ok"),
        ("LOGIN", "ok"),
        ("GET", "refused"),
    ]
