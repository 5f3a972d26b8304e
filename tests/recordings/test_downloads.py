"""`GET /m/:meetingId/audio`: ranges, conditions, and who may hear."""

import asyncio
from datetime import UTC, datetime

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import AuditEvent
from config.asgi import application
from config.lib.ids import new_id
from recordings.models import AudioMix, Recording
from tests.asgi import bearer, call, page_session
from tests.factories import make_meeting

pytestmark = pytest.mark.django_db(transaction=True)

# More than two blocks, and no two places alike.
SOUND = b"".join(number.to_bytes(4, "big") for number in range(150_000))
SIZE = len(SOUND)
MIXED_AT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def make_mix(meeting, content: bytes | None = SOUND) -> AudioMix:
    recording = Recording.objects.create(meeting=meeting, recording_id=new_id(), host_name="Owner")
    name = "" if content is None else default_storage.save("mixes/mix.m4a", ContentFile(content))
    return AudioMix.objects.create(recording=recording, file=name, finished_at=MIXED_AT)


@pytest.fixture
def meeting(owner):
    return make_meeting(owner)


@pytest.fixture
def mix(meeting):
    return make_mix(meeting)


@pytest.fixture
def listen(meeting, mix, owner):
    """Ask for the sound as its owner."""
    who = bearer(owner)

    def ask(method: str = "GET", **headers: str):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return call(method, f"/m/{meeting.pk}/audio", headers={**who, **named})

    return ask


def tag_of(answer) -> str:
    return answer.headers["etag"]


def test_whole_sound_with_what_players_need_to_know(listen):
    answer = listen()

    assert (answer.status_code, answer.content) == (200, SOUND)
    assert dict(answer.headers) == {
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "accept-ranges": "bytes",
        "etag": '"mix.m4a"',
        "cache-control": "private, max-age=0, must-revalidate",
        "content-type": "audio/mp4",
        "last-modified": "Sun, 01 Mar 2026 12:30:00 GMT",
        "content-length": str(SIZE),
        "vary": "origin",
    }


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, SIZE - 1),
        ("bytes=300000-300099", 300_000, 300_099),
        ("bytes=262143-262144", 262_143, 262_144),
        ("bytes=599990-", 599_990, SIZE - 1),
        ("bytes=599990-999999", 599_990, SIZE - 1),
        ("bytes=-10", SIZE - 10, SIZE - 1),
        ("bytes=-9999999", 0, SIZE - 1),
    ],
)
def test_range_is_those_bytes(listen, asked, first, last):
    answer = listen(Range=asked)

    assert (answer.status_code, answer.content) == (206, SOUND[first : last + 1])
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["content-length"] == str(last + 1 - first)


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}", "bytes=-0"])
def test_range_behind_the_end_is_refused_with_the_size(listen, asked):
    answer = listen(Range=asked)

    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{SIZE}"
    assert answer.json() == {
        "success": False,
        "message": f"The file has {SIZE} bytes; ask for a range inside it.",
        "code": "range_not_satisfiable",
    }


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=b-a",
        "bytes=9-3",
        "bytes=0-1,5-6",
        "seconds=0-1",
        pytest.param(f"bytes={'9' * 5000}-", id="too many digits"),
    ],
)
def test_header_that_is_no_single_range_means_the_whole(listen, asked):
    answer = listen(Range=asked)

    assert (answer.status_code, answer.content, "content-range" in answer.headers) == (200, SOUND, False)


def test_head_tells_the_size_and_sends_nothing(listen):
    answer = listen("HEAD", Range="bytes=0-9")

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(SIZE)


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_copy_that_is_still_good_is_not_sent_again(listen, form):
    tag = tag_of(listen("HEAD"))

    answer = listen(If_None_Match=form.format(tag))

    assert (answer.status_code, answer.content, tag_of(answer)) == (304, b"", tag)


def test_copy_of_something_else_is_replaced(listen):
    answer = listen(If_None_Match='"other"')

    assert (answer.status_code, answer.content) == (200, SOUND)


def test_range_of_the_copy_that_the_client_has_a_part_of(listen):
    tag = tag_of(listen("HEAD"))

    same = listen(Range="bytes=10-19", If_Range=tag)
    changed = listen(Range="bytes=10-19", If_Range='"other"')
    dated = listen(Range="bytes=10-19", If_Range="Sun, 01 Mar 2026 12:30:00 GMT")

    assert (same.status_code, same.content) == (206, SOUND[10:20])
    assert (changed.status_code, changed.content, "content-range" in changed.headers) == (200, SOUND, False)
    assert (dated.status_code, dated.content) == (200, SOUND)


def test_page_session_hears_without_a_csrf_token(meeting, mix, owner):
    answer = call("GET", f"/m/{meeting.pk}/audio", headers=page_session(owner, with_csrf=False))

    assert (answer.status_code, answer.content) == (200, SOUND)


def test_somebody_who_took_part_hears_it(meeting, mix, member):
    meeting.participants.filter(position=1).update(user=member)

    answer = call("GET", f"/m/{meeting.pk}/audio", headers=bearer(member))

    assert (answer.status_code, answer.content) == (200, SOUND)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        ("stranger", 404, "not_found"),
        ("administrator", 403, "content_closed_to_admins"),
        (None, 401, "not_authenticated"),
    ],
)
def test_nobody_else_hears_a_byte(request, meeting, mix, method, who, status, code):
    headers = bearer(request.getfixturevalue(who)) if who else {}

    answer = call(method, f"/m/{meeting.pk}/audio", headers={**headers, "Range": "bytes=0-9"})

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert "etag" not in answer.headers
    if method == "GET":
        assert answer.json()["code"] == code


def test_stranger_cannot_tell_a_meeting_from_none(meeting, mix, stranger):
    who = bearer(stranger)

    there = call("GET", f"/m/{meeting.pk}/audio", headers=who)
    nowhere = call("GET", f"/m/{new_id()}/audio", headers=who)

    assert (there.status_code, there.json()) == (nowhere.status_code, nowhere.json())


def test_sound_that_is_not_mixed_yet_is_said_to_be_coming(meeting, owner):
    make_mix(meeting, content=None)

    answer = call("GET", f"/m/{meeting.pk}/audio", headers=bearer(owner))

    assert answer.status_code == 404
    assert answer.json() == {
        "success": False,
        "message": "The sound of this meeting is not ready yet; try again in a moment.",
        "code": "no_audio_yet",
    }


def test_path_that_holds_no_id_belongs_to_django(owner):
    answer = call("GET", "/m/../audio", headers=bearer(owner))

    assert answer.status_code == 404


def test_one_listening_leaves_one_audit_row_however_it_begins(listen, meeting, owner):
    for asked in ("bytes=1-", "bytes=500-600", "bytes=0-"):
        listen(Range=asked)

    rows = AuditEvent.objects.filter(action="GET").values_list("user_id", "resource", "outcome")
    assert list(rows) == [(owner.pk, {"meetingId": meeting.pk, "fileName": "audio"}, "ok")]


def test_reading_stops_when_the_listener_hangs_up(meeting, mix, owner):
    sent = []
    hung_up = asyncio.Event()

    async def receive():
        await hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(len(message.get("body", b"")))
        if len(sent) == 2:
            hung_up.set()
        await asyncio.sleep(0.01)

    headers = [(name.lower().encode(), value.encode()) for name, value in bearer(owner).items()]
    scope = {"type": "http", "method": "GET", "path": f"/m/{meeting.pk}/audio", "headers": headers}
    asyncio.run(application(scope, receive, send))

    assert 0 < sum(sent) < SIZE
