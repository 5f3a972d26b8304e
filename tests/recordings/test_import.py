"""Three ways in: the page, REST and the command end in the same rows."""

import hashlib
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent
from config.lib import keys
from meetings.models import Meeting
from recordings import uploads
from recordings.models import AudioMix, Recording, Track
from tests.asgi import bearer, call, chunked, page_session
from tests.recordings.importing import (
    NOTHING,
    body_of,
    field,
    file,
    key_files,
    left_behind,
    post,
    stored_files,
)
from transcripts.models import TrackRecognition

pytestmark = pytest.mark.django_db(transaction=True)


def form(flac, ogg):
    return [
        field("title", "Budget"),
        field("name", "Anna"),
        file("anna.flac", flac),
        field("name", "Ben"),
        field("offset", "0"),
        field("offset", "12.5"),
        file("ben.ogg", ogg),
    ]


def by_page(user, flac, ogg, sound_files) -> str:
    answer = post(page_session(user), form(flac, ogg))
    assert answer.status_code == 202
    return answer.json()["data"]["meetingId"]


def by_rest(user, flac, ogg, sound_files) -> str:
    answer = post(bearer(user), form(flac, ogg))
    assert answer.status_code == 202
    return answer.json()["data"]["meetingId"]


def by_command(user, flac, ogg, sound_files) -> str:
    said = StringIO()
    anna, ben = sound_files
    call_command(
        *("import_meeting", "--title", "Budget", "--host", user.email.upper()),
        *(f"Anna={anna}", f"Ben={ben}@12.5"),
        stdout=said,
    )
    return said.getvalue().splitlines()[0]


@pytest.mark.parametrize("way", [by_page, by_rest, by_command])
def test_every_way_in_ends_in_the_same_rows(way, owner, flac, ogg, sound_files):
    meeting_id = way(owner, flac, ogg, sound_files)

    meeting = Meeting.objects.get()
    recording = Recording.objects.get()
    anna, ben = Track.objects.all()
    assert (meeting.pk, meeting.title, meeting.host, meeting.recording_ids) == (
        meeting_id,
        "Budget",
        owner,
        [recording.recording_id],
    )
    assert meeting.duration_ms == 12_500 + ben.duration_ms
    assert [(one.name, one.position, one.user) for one in meeting.participants.all()] == [
        ("Anna", 0, None),
        ("Ben", 1, None),
    ]
    assert (recording.meeting, recording.host_name, recording.state) == (meeting, "Owner Tester", "processing")
    assert [
        (track.participant.name, track.stream_id, track.offset_ms, track.file_name, track.size, track.sha256)
        for track in (anna, ben)
    ] == [
        ("Anna", "0", 0, "anna.flac", len(flac), hashlib.sha256(flac).hexdigest()),
        ("Ben", "1", 12_500, "ben.ogg", len(ogg), hashlib.sha256(ogg).hexdigest()),
    ]
    assert [(track.container, track.codec) for track in (anna, ben)] == [("flac", "flac"), ("ogg", "vorbis")]
    assert all(1900 < track.duration_ms < 2100 for track in (anna, ben))
    assert [Path(track.file.path).read_bytes() for track in (anna, ben)] == [flac, ogg]


@pytest.mark.parametrize("way", [by_page, by_rest, by_command])
def test_every_way_in_queues_the_work_and_leaves_its_trace(way, owner, flac, ogg, sound_files):
    meeting_id = way(owner, flac, ogg, sound_files)

    recording = Recording.objects.get()
    assert [work.state for work in TrackRecognition.objects.filter(meeting=meeting_id)] == ["queued"] * 2
    assert AudioMix.objects.get(recording=recording).state == "queued"
    assert keys.cipher(meeting_id)
    assert key_files() == [f"{meeting_id[-2:]}/{meeting_id}.key"]
    assert stored_files() == sorted(track.file.name for track in Track.objects.all())
    assert left_behind()["staged"] == []
    events = AuditEvent.objects.filter(action__in=["CREATE", "UPLOAD"]).order_by("id")
    assert [(event.action, event.user_id, event.resource) for event in events] == [
        ("CREATE", owner.pk, {"meetingId": meeting_id}),
        ("UPLOAD", owner.pk, {"meetingId": meeting_id, "recordingId": recording.recording_id}),
    ]


def test_answer_is_what_clients_expect(owner, flac):
    answer = post(bearer(owner), [field("title", "Budget"), file("a.flac", flac)])

    meeting = Meeting.objects.get()
    assert (answer.status_code, answer.json()) == (
        202,
        {"success": True, "data": {"meetingId": meeting.pk, "state": "queued", "progress": 0}},
    )


def test_body_without_a_declared_length_is_taken(owner, flac, ogg):
    content = body_of(form(flac, ogg))
    parts = chunked([content[start : start + 777] for start in range(0, len(content), 777)])

    answer = post(bearer(owner), [], content=parts)

    assert answer.status_code == 202
    assert [track.sha256 for track in Track.objects.all()] == [hashlib.sha256(one).hexdigest() for one in (flac, ogg)]


def test_names_are_the_files_own_where_none_are_given(owner, flac, ogg):
    parts = [field("title", "Budget"), file("Anna Müller.flac", flac), field("name", "  "), file("Бен.ogg", ogg)]

    post(bearer(owner), parts)

    assert [one.name for one in Meeting.objects.get().participants.all()] == ["Anna Müller", "Бен"]


def test_white_space_in_titles_and_names_is_made_plain(owner, flac):
    parts = [field("title", " Budget\r\n 2026\t"), field("name", "Anna\u00a0 Müller "), file("a.flac", flac)]

    post(bearer(owner), parts)

    meeting = Meeting.objects.get()
    assert (meeting.title, meeting.participants.get().name) == ("Budget 2026", "Anna Müller")


@pytest.mark.parametrize(
    ("offset", "wanted"), [("0", 0), ("", 0), ("12", 12_000), ("0.001", 1), ("1,5", 1500), ("999999.999", 999_999_999)]
)
def test_offset_is_seconds(owner, flac, offset, wanted):
    post(bearer(owner), [field("title", "Budget"), field("offset", offset), file("a.flac", flac)])

    assert Track.objects.get().offset_ms == wanted


@pytest.mark.parametrize(
    ("name", "ending"), [("a.FLAC", ".flac"), ("a", ""), ("a.flac.", ""), (f"a.{'x' * 190}", ""), ("a.ф", "")]
)
def test_ending_goes_on_into_storage_where_it_is_a_plain_one(owner, flac, name, ending):
    answer = post(bearer(owner), [field("title", "Budget"), field("name", "Anna"), file(name, flac)])

    assert answer.status_code == 202
    stored = Track.objects.get().file.name
    assert stored.rsplit("/", 1)[-1][24:] == ending


def test_as_many_files_as_one_import_may_bring_are_taken(owner, flac, monkeypatch):
    assert uploads.MAX_TRACKS == 100
    monkeypatch.setattr(uploads, "MAX_TRACKS", 3)

    answer = post(bearer(owner), [field("title", "Budget"), *(file(f"{number}.flac", flac) for number in range(3))])

    assert answer.status_code == 202
    assert Track.objects.count() == 3


def test_page_session_needs_the_csrf_token(owner, flac):
    answer = post(page_session(owner, with_csrf=False), [field("title", "Budget"), file("a.flac", flac)])

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert left_behind() == NOTHING


def test_page_session_with_a_foreign_origin_is_refused(owner, flac):
    headers = {**page_session(owner), "Origin": "https://elsewhere.example"}

    answer = post(headers, [field("title", "Budget"), file("a.flac", flac)])

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert left_behind() == NOTHING


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"}])
def test_unknown_caller_is_refused_before_anything_is_read(headers):
    answer = post(headers, [], content=chunked([b"x" * 2**20] * 3))

    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert left_behind() == NOTHING


def test_administrator_holds_no_meetings(administrator, flac):
    answer = post(bearer(administrator), [field("title", "Budget"), file("a.flac", flac)])

    assert (answer.status_code, answer.json()["code"]) == (403, "content_closed_to_admins")
    assert left_behind() == NOTHING


def test_other_methods_are_not_for_this_path(owner):
    assert call("GET", "/meetings/import", headers=bearer(owner)).status_code == 405


@pytest.mark.parametrize(
    ("host", "tracks", "sentence"),
    [
        ("nobody@example.com", ["Anna={anna}"], "There is no user nobody@example.com: register the account first."),
        ("owner@example.com", ["Anna"], "'Anna' is not NAME=FILE or NAME=FILE@SECONDS."),
        ("owner@example.com", ["Anna=/none.flac"], "/none.flac cannot be read: No such file or directory."),
        ("owner@example.com", ["Anna=/tmp"], "/tmp cannot be read: Is a directory."),
        ("owner@example.com", ["={anna}"], "'={anna}' is not NAME=FILE or NAME=FILE@SECONDS."),
        ("owner@example.com", [" ={anna}"], "Give each speaker a name of at most 100 characters."),
        ("owner@example.com", ["Anna={anna}@9999999"], "{anna}@9999999 cannot be read: No such file or directory."),
        ("owner@example.com", ["Anna={anna}", "Ben={text}"], "“notes.txt” is no sound and no video: "),
    ],
)
def test_command_says_in_one_sentence_what_is_wrong(owner, sound_files, tmp_path, host, tracks, sentence):
    text = tmp_path / "notes.txt"
    text.write_text("no sound")
    known = {"anna": sound_files[0], "text": text}

    with pytest.raises(CommandError) as refused:
        call_command("import_meeting", *(one.format(**known) for one in tracks), title="Budget", host=host)

    assert str(refused.value).startswith(sentence.format(**known))
    assert left_behind() == NOTHING


def test_command_imports_for_no_administrator(administrator, sound_files):
    with pytest.raises(CommandError, match="^Administrators' accounts hold no meetings"):
        call_command("import_meeting", f"Anna={sound_files[0]}", title="Budget", host=administrator.email)

    assert left_behind() == NOTHING


def test_command_leaves_the_original_where_it_is(owner, sound_files):
    before = sound_files[0].read_bytes()

    call_command("import_meeting", f"Anna={sound_files[0]}", title="Budget", host=owner.email, stdout=StringIO())

    assert sound_files[0].read_bytes() == before
