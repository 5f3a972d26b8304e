"""Bad input to an import: each gets its status, its code and a sentence, and leaves nothing behind."""

import asyncio
import errno
import os
import time

import pytest
from django.conf import settings

from config.asgi import application
from config.lib import multipart, staging
from config.lib.ids import new_id
from meetings.models import Meeting
from tests.asgi import bearer, chunked
from tests.recordings import samples
from tests.recordings.importing import CONTENT_TYPE, NOTHING, body_of, field, file, left_behind, post

pytestmark = pytest.mark.django_db(transaction=True)

TITLE = field("title", "Budget")
BAD_NAME = "A file's name may not contain “/” or “\\”, nor begin with a dot: rename it and send it again."
INVISIBLE = "The file's name contains invisible characters: rename it and send it again."
BAD_TITLE = "Give the meeting a title of at most 200 characters."
BAD_SPEAKER = "Give each speaker a name of at most 100 characters."


@pytest.fixture
def send(owner):
    """Send an import as its owner; give the status and the body of the answer."""
    who = bearer(owner)

    def send(parts, **request):
        answer = post({**who, **request.pop("headers", {})}, parts, **request)
        return answer.status_code, answer.json()

    return send


def refusal(code: str, message: str, **errors) -> dict:
    body = {"success": False, "message": message, "code": code}
    return {**body, "errors": errors} if errors else body


@pytest.fixture(scope="session")
def bad_files(tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("bad")
    return {
        "text": b"These are no sounds.\n" * 50,
        "empty": b"",
        "silent video": samples.make_silent_video(folder / "silent.mp4").read_bytes(),
        "video": samples.make_video(folder / "video.mp4").read_bytes(),
        "picture": samples.make_picture(folder / "picture.png").read_bytes(),
        "truncated": samples.cut_off(samples.make_tone(folder / "cut.flac"), 0.5).read_bytes(),
    }


@pytest.mark.parametrize(
    ("kind", "name", "status", "code", "sentence"),
    [
        (
            *("text", "notes.flac", 400, "no_audio"),
            "“notes.flac” is no sound and no video: choose a recording, for example WAV, FLAC, MP3, Ogg or MP4.",
        ),
        ("empty", "a.flac", 400, "empty_file", "“a.flac” is empty: record or export it again."),
        (
            *("silent video", "a.mp4", 400, "no_audio"),
            "“a.mp4” has no sound: choose a recording with an audio track.",
        ),
        (
            *("truncated", "a.flac", 400, "truncated_audio"),
            "The end of “a.flac” is missing: copy or export it again, and send the whole file.",
        ),
        (
            *("video", "a.txt", 415, "misnamed_file"),
            "“a.txt” is named like something other than sound or video: rename it with its own ending (it holds mov).",
        ),
        ("picture", "a.png", 400, "no_audio", None),
    ],
)
def test_file_that_cannot_become_a_track(send, flac, bad_files, kind, name, status, code, sentence):
    answered, body = send([TITLE, file("good.flac", flac), file(name, bad_files[kind])])

    message = sentence or body["message"]
    assert (answered, body) == (status, refusal(code, message, **{"files.1": [message]}))
    assert name in message
    assert left_behind() == NOTHING


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("../x.flac", BAD_NAME),
        ("a/b.flac", BAD_NAME),
        ("/etc/passwd", BAD_NAME),
        ("..\\x.flac", BAD_NAME),
        ("a\\b.flac", BAD_NAME),
        (".flac", BAD_NAME),
        ("..", BAD_NAME),
        (b"a\x00.flac", INVISIBLE),
        (b"a\x1b[2J.flac", INVISIBLE),
        ("a\u202eexe.flac", INVISIBLE),
        ("a\u2028b.flac", INVISIBLE),
        ("", "The file has no name: give it one and send it again."),
        ("  ", "The file has no name: give it one and send it again."),
        (
            "x" * 196 + ".flac",
            "The file's name is longer than 200 characters: rename it and send it again.",
        ),
    ],
)
def test_name_that_is_no_plain_file_name(send, flac, name, sentence):
    answered, body = send([TITLE, file("good.flac", flac), file(name, flac)])

    assert (answered, body) == (400, refusal("bad_file_name", sentence, **{"files.1": [sentence]}))
    assert left_behind() == NOTHING


def test_extended_name_of_a_part_does_not_get_around_the_check(send, flac):
    part = file("good.flac\"; filename*=UTF-8''..%2Fevil.flac; x=\"", flac)

    answered, _ = send([TITLE, part])

    assert answered == 202
    assert Meeting.objects.get().participants.get().name == "good"


def test_path_of_an_old_browser_is_cut_to_its_name(send, flac):
    answered, _ = send([TITLE, file("C:\\Users\\Anna\\anna.flac", flac)])

    assert answered == 202
    assert Meeting.objects.get().participants.get().name == "anna"


def test_import_without_files(send):
    answered, body = send([TITLE, field("name", "Anna")])

    assert (answered, body) == (400, refusal("no_tracks", "Add at least one sound or video file."))
    assert left_behind() == NOTHING


@pytest.mark.parametrize(
    "title",
    [[], [field("title", " ")], [field("title", "x" * 201)], [field("title", b"a\x00b")]],
    ids=["none", "blank", "long", "NUL"],
)
def test_title_that_cannot_be_taken(send, flac, title):
    answered, body = send([*title, file("a.flac", flac)])

    assert (answered, body) == (400, refusal("invalid_meeting", BAD_TITLE, title=[BAD_TITLE]))
    assert left_behind() == NOTHING


@pytest.mark.parametrize("name", ["x" * 101, b"An\x00na", b"An\x1bna"], ids=["too long", "NUL", "escape"])
def test_speaker_that_cannot_be_taken(send, flac, name):
    parts = [TITLE, field("name", "Anna"), field("name", name), file("a.flac", flac), file("b.flac", flac)]

    answered, body = send(parts)

    assert (answered, body) == (400, refusal("invalid_meeting", BAD_SPEAKER, **{"files.1": [BAD_SPEAKER]}))
    assert left_behind() == NOTHING


@pytest.mark.parametrize("offset", ["x", "-1", "1e5", "nan", "1:30", "1234567", "0.1234", "+1", "1_0"])
def test_offset_that_is_no_number_of_seconds(send, flac, offset):
    answered, body = send([TITLE, field("offset", offset), file("a.flac", flac)])

    sentence = f"The start of file 1 must be seconds such as 12.5, not {offset!r}."
    assert (answered, body) == (400, refusal("bad_form", sentence, **{"files.0": [sentence]}))
    assert left_behind() == NOTHING


def test_field_of_any_length_is_not_kept_in_memory(send, flac):
    answered, body = send([field("title", "x" * 1001), file("a.flac", flac)])

    assert (answered, body) == (400, refusal("bad_form", "The field 'title' is longer than 1000 bytes."))
    assert left_behind() == NOTHING


def test_more_files_than_one_import_may_bring(send):
    # Refused at the name of the hundred and first, before anybody looks into the first.
    answered, body = send([TITLE, *(file(f"{number}.flac", b"x") for number in range(101))])

    assert (answered, body) == (413, refusal("too_many_files", "One import takes at most 100 files."))
    assert left_behind() == NOTHING


def test_more_parts_than_a_form_may_have(send):
    answered, body = send([field("note", "x")] * 302)

    assert (answered, body["code"]) == (413, "too_many_files")
    assert left_behind() == NOTHING


class TestSize:
    """One import may hold a mebibyte here."""

    SENTENCE = "One import may hold 1 MiB in all. Send shorter or smaller files."

    @pytest.fixture(autouse=True)
    def _limit(self, settings):
        settings.UPLOAD_MAX_BYTES = 2**20

    def test_declared(self, send):
        answered, body = send([TITLE, file("a.flac", b"x" * (2**21 + 1))])

        assert (answered, body) == (413, refusal("upload_too_large", self.SENTENCE))
        assert left_behind() == NOTHING

    def test_found_out_on_the_way(self, send):
        content = body_of([TITLE, file("a.flac", b"x" * 2**19), file("b.flac", b"x" * (2**19 + 1))])

        answered, body = send([], content=chunked([content]))

        assert (answered, body) == (413, refusal("upload_too_large", self.SENTENCE))
        assert left_behind() == NOTHING

    def test_exactly_the_limit_is_taken_to_the_next_check(self, send):
        answered, body = send([TITLE, file("a.flac", b"x" * 2**20)])

        assert (answered, body["code"]) == (400, "no_audio")

    @pytest.mark.parametrize("filling", ["epilogue", "padding"])
    def test_what_is_no_file_does_not_go_on_without_end(self, send, filling):
        content = body_of([TITLE])
        endless = content + b"x" * 2**22 if filling == "epilogue" else body_of([field("x", b"y" * 500)] * 5000)

        answered, body = send([], content=chunked([endless[start : start + 2**16] for start in range(0, 2**21, 2**16)]))

        assert answered in (400, 413)
        assert left_behind() == NOTHING


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "text/plain",
        "multipart/mixed; boundary=x",
        "multipart/form-data",
        "",
        "multipart/form-data;",
    ],
)
def test_body_that_is_no_form(send, content_type):
    answered, body = send([], content=b'{"title": "Budget"}', headers={"Content-Type": content_type})

    assert (answered, body) == (
        400,
        refusal("bad_form", "Send the files as multipart/form-data with a boundary."),
    )
    assert left_behind() == NOTHING


@pytest.mark.parametrize(
    "content",
    [
        b"no boundary at all",
        b"--tertulia-boundary\r\nno colon\r\n\r\nx",
        b"--tertulia-boundary\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(500)),
        b"--tertulia-boundary\r\nX: " + b"y" * 2**20,
    ],
    ids=["no boundary", "no header", "too many headers", "too long a header"],
)
def test_form_that_is_malformed(send, content):
    answered, body = send([], content=content)

    assert (answered, body) == (
        400,
        refusal("bad_form", "The body is not multipart/form-data as it says; nothing was kept."),
    )
    assert left_behind() == NOTHING


def test_boundary_that_no_parser_takes(send):
    answered, body = send([], content=b"x", headers={"Content-Type": f"multipart/form-data; boundary={'x' * 300}"})

    assert (answered, body["code"]) == (400, "bad_form")
    assert left_behind() == NOTHING


@pytest.mark.parametrize("cut", [1, 20, 2000])
def test_form_that_ends_early(send, flac, cut):
    answered, body = send([], content=body_of([TITLE, file("a.flac", flac)])[:-cut])

    sentence = "The upload ended early; nothing was kept. Please send it again."
    if cut > 4:
        assert (answered, body) == (400, refusal("bad_form", sentence))
        assert left_behind() == NOTHING
    else:
        # Only the very last line break is missing: the closing boundary is whole.
        assert answered == 202


def test_empty_body(send):
    answered, body = send([], content=b"")

    assert (answered, body["code"]) == (400, "bad_form")
    assert left_behind() == NOTHING


def test_client_that_hangs_up_leaves_nothing(owner, flac):
    content = body_of([TITLE, file("a.flac", flac * 3)])
    messages = iter(
        [
            {"type": "http.request", "body": content[: len(content) // 2], "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    sent = []

    async def receive():
        return next(messages)

    async def send(message):
        sent.append(message)

    headers = {**bearer(owner), "Content-Type": CONTENT_TYPE}
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(
        application({"type": "http", "method": "POST", "path": "/meetings/import", "headers": pairs}, receive, send)
    )

    assert sent == []
    assert left_behind() == NOTHING


def test_refused_upload_is_answered_before_its_rest_has_come(owner):
    """Whoever sends gigabytes for nothing learns it at the first byte, not at the last."""
    events = []
    content = body_of([TITLE, file("../x.flac", b"")])

    async def receive():
        events.append("read")
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": content[:200] if len(events) == 1 else b"x" * 2**17, "more_body": True}

    async def send(message):
        events.append(message["type"])

    headers = {**bearer(owner), "Content-Type": CONTENT_TYPE, "Content-Length": str(2**30)}
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(
        asyncio.wait_for(
            application(
                {"type": "http", "method": "POST", "path": "/meetings/import", "headers": pairs}, receive, send
            ),
            timeout=10,
        )
    )

    assert events.index("http.response.start") < 20
    assert left_behind() == NOTHING


def test_full_disk_is_said_and_leaves_nothing(send, flac, monkeypatch):
    """A disk that is full in the middle of a file: the device that always is takes the file's place."""

    class FullDisk(staging.StagedWriter):
        def __init__(self, path, file_name):
            super().__init__(path, file_name)
            self._file.close()
            self._file = open("/dev/full", "wb")  # noqa: SIM115

    monkeypatch.setattr(multipart, "StagedWriter", FullDisk)

    answered, body = send([TITLE, file("a.flac", flac * 100)])

    sentence = "The server has no room for this upload; nothing was kept. Tell its administrator."
    assert os.strerror(errno.ENOSPC)
    assert (answered, body) == (503, refusal("storage_full", sentence))
    assert left_behind() == NOTHING


def test_rows_that_cannot_be_committed_take_files_and_key_with_them(send, flac, monkeypatch):
    def refuse(**about):
        raise ZeroDivisionError

    monkeypatch.setattr("config.lib.facts._subscribers", {"track_closed": [refuse]})

    answered, body = send([TITLE, file("a.flac", flac)])

    assert (answered, body["code"]) == (500, "server_error")
    assert left_behind() == NOTHING


def test_stale_folders_are_removed_and_others_kept():
    stale, growing, new = (settings.UPLOADS_DIR / new_id() for _ in range(3))
    for folder in (stale, growing, new):
        folder.mkdir(parents=True)
        (folder / "0").write_bytes(b"x")
    old = time.time() - staging.STALE_SECONDS - 60
    for path in (stale, stale / "0", growing):
        os.utime(path, (old, old))

    staging.remove_stale()

    assert sorted(settings.UPLOADS_DIR.iterdir()) == sorted([growing, new])
