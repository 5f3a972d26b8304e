"""Uploaded files are understood or refused with a reason, by Debian's ffmpeg and by imageio's alike."""

import zipfile
from pathlib import Path

import pytest

from recordings import exceptions, media
from recordings.media import Probe
from tests.recordings import samples

MP4 = "mov,mp4,m4a,3gp,3g2,mj2"
WEBM = "matroska,webm"


@pytest.fixture(params=samples.BINARIES, ids=lambda path: Path(path).name[:12], autouse=True)
def _binary(request, monkeypatch):
    monkeypatch.setenv("FFMPEG_BINARY", request.param)


def refusal(path: Path, name: str | None = None) -> exceptions.BadAudio:
    with pytest.raises(exceptions.BadAudio) as caught:
        media.probe(path, name=name or path.name)
    return caught.value


# What a file is


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("a.wav", [], Probe(2000, "wav", "pcm_s16le", 16000, 1)),
        ("a.flac", ["-ac", "2"], Probe(2000, "flac", "flac", 16000, 2)),
        ("a.m4a", ["-c:a", "aac"], Probe(2000, MP4, "aac", 16000, 1)),
        ("fast.m4a", ["-c:a", "aac", "-movflags", "+faststart"], Probe(2000, MP4, "aac", 16000, 1)),
        ("a.ogg", ["-c:a", "libopus"], Probe(2000, "ogg", "opus", 48000, 1)),
        ("six.flac", ["-ac", "6"], Probe(2000, "flac", "flac", 16000, 6)),
        ("noending", ["-f", "wav"], Probe(2000, "wav", "pcm_s16le", 16000, 1)),
        ("a.unheard-of", ["-f", "wav"], Probe(2000, "wav", "pcm_s16le", 16000, 1)),
    ],
)
def test_probe_of_a_recording_that_states_its_length(tmp_path, name, options, expected):
    path = samples.make_tone(tmp_path / name, *options)

    found = media.probe(path, name=name)

    assert found == expected


@pytest.mark.parametrize(
    ("name", "options", "container"),
    [
        ("a.mp3", ["-c:a", "libmp3lame"], "mp3"),
        ("plain.mp3", ["-c:a", "libmp3lame", "-write_xing", "0"], "mp3"),
        ("a.aac", ["-c:a", "aac"], "aac"),
        ("a.webm", ["-c:a", "libopus"], WEBM),
        ("part.mp4", ["-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"], MP4),
    ],
)
def test_probe_of_a_recording_whose_packets_do_not_end_with_its_sound(tmp_path, name, options, container):
    path = samples.make_tone(tmp_path / name, *options)

    found = media.probe(path, name=name)

    assert found.container == container
    assert 1980 <= found.duration_ms <= 2150


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.webm", ["-c:a", "libopus", "-f", "webm"]),
        ("a.wav", ["-f", "wav"]),
        ("a.flac", ["-f", "flac"]),
        ("a.ogg", ["-c:a", "libopus", "-f", "ogg"]),
    ],
)
def test_probe_of_a_recording_without_a_length_measures_it(tmp_path, name, options):
    path = samples.make_streamed(tmp_path / name, *options)

    found = media.probe(path, name=name)

    assert found.duration_ms == pytest.approx(2000, abs=30)


def test_probe_of_a_video_gives_the_length_of_its_sound(tmp_path):
    path = samples.make_video(tmp_path / "talk.mp4", "-c:a", "aac")

    found = media.probe(path, name="talk.mp4")

    assert found == Probe(2000, MP4, "aac", 16000, 1)


def test_probe_of_a_path_that_looks_like_an_option_or_an_address(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sound = samples.make_tone(tmp_path / "a.wav").read_bytes()
    Path("-y.wav").write_bytes(sound)
    Path("http:a.wav").write_bytes(sound)

    found = [media.probe(Path(name), name="a.wav").duration_ms for name in ("-y.wav", "http:a.wav")]

    assert found == [2000, 2000]


# What is refused


def test_empty_file_is_refused(tmp_path):
    path = tmp_path / "talk.wav"
    path.touch()

    error = refusal(path)

    assert (error.code, error.status) == ("empty_file", 400)
    assert str(error) == "“talk.wav” is empty: record or export it again."


def test_video_without_sound_is_refused(tmp_path):
    path = samples.make_silent_video(tmp_path / "talk.mp4")

    error = refusal(path)

    assert (error.code, error.status) == ("no_audio", 400)
    assert str(error) == "“talk.mp4” has no sound: choose a recording with an audio track."


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.gif"])
def test_picture_is_refused(tmp_path, name):
    path = samples.make_picture(tmp_path / name)

    error = refusal(path)

    assert error.code == "no_audio"


@pytest.mark.parametrize(
    "content",
    [
        b"Dear all, this is a letter.\n" * 100,
        bytes(range(256)) * 100,
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=audio 4000 RTP/AVP 0\n",
        b"x",
    ],
    ids=["text", "bytes", "playlist", "concat", "sdp", "one byte"],
)
@pytest.mark.parametrize("name", ["talk.mp4", "talk.wav"])
def test_what_is_no_recording_is_refused_whatever_its_name(tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(content)

    error = refusal(path)

    assert error.code == "no_audio"
    assert str(error).startswith(f"“{name}” is no sound and no video: choose a recording")


def test_playlist_of_a_good_recording_is_refused(tmp_path):
    samples.make_tone(tmp_path / "a.wav")
    path = tmp_path / "list.wav"
    path.write_text("ffconcat version 1.0\nfile 'a.wav'\n")

    error = refusal(path)

    assert error.code == "no_audio"


def test_zip_archive_is_refused(tmp_path):
    path = tmp_path / "talk.wav"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(samples.make_tone(tmp_path / "a.wav"))

    error = refusal(path)

    assert error.code == "no_audio"


@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.wav", []),
        ("a.flac", []),
        ("a.mp3", ["-c:a", "libmp3lame"]),
        ("a.ogg", ["-c:a", "libopus"]),
        ("a.webm", ["-c:a", "libopus"]),
        ("last.m4a", ["-c:a", "aac"]),
        ("first.m4a", ["-c:a", "aac", "-movflags", "+faststart"]),
        ("part.mp4", ["-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"]),
    ],
)
def test_truncated_recording_is_refused(tmp_path, name, options, part):
    length = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=16000:duration=20"]
    path = samples.cut_off(samples.make(tmp_path / name, *length, *options), part)

    error = refusal(path)

    assert (error.code, error.status) == ("truncated_audio", 400)
    assert str(error) == f"The end of “{name}” is missing: copy or export it again, and send the whole file."


@pytest.mark.parametrize("name", ["talk.mp4", "talk.webm"])
def test_truncated_video_is_refused(tmp_path, name):
    options = ["-movflags", "+faststart"] if name.endswith("mp4") else ["-c:v", "libvpx", "-c:a", "libopus"]
    path = samples.cut_off(samples.make_video(tmp_path / name, *options), 0.6)

    error = refusal(path)

    assert error.code == "truncated_audio"


def test_recording_that_ends_within_its_header_is_refused(tmp_path):
    path = tmp_path / "a.flac"
    path.write_bytes(samples.make_tone(path).read_bytes()[:60])

    error = refusal(path)

    assert (error.code, error.status) == ("unreadable_audio", 400)
    assert str(error) == "“a.flac” is damaged and cannot be read: copy or export it again."


def test_recording_whose_sound_is_garbage_is_refused(tmp_path):
    path = samples.make_tone(tmp_path / "a.webm", "-c:a", "libvorbis", "-strict", "-2")
    content = path.read_bytes()
    setup = content.index(b"\x05vorbis")
    path.write_bytes(content[:setup] + b"\x05vorbis" + bytes(1000) + content[setup + 1007 :])

    error = refusal(path)

    assert error.code == "unreadable_audio"


@pytest.mark.parametrize("name", ["talk.txt", "talk.pdf", "talk.png", "talk.zip", "talk.wav.gz", "talk.m3u8"])
def test_recording_with_the_name_of_something_else_is_refused(tmp_path, name):
    path = samples.make_video(tmp_path / "talk.mp4", "-c:a", "aac")

    error = refusal(path, name)

    assert (error.code, error.status) == ("misnamed_file", 415)
    assert str(error) == (
        f"“{name}” is named like something other than sound or video: rename it with its own ending (it holds mov)."
    )


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "../talk.wav",
        "a/b.wav",
        "a\\b.wav",
        ".talk.wav",
        "..",
        "a\0.wav",
        "a\n.wav",
        "a\u202egpj.wav",
        "a" * 201,
    ],
)
def test_file_name_that_is_a_trick_is_refused(name):
    with pytest.raises(exceptions.BadFileName) as caught:
        media.check_file_name(name)

    assert (caught.value.code, caught.value.status) == ("bad_file_name", 400)


@pytest.mark.parametrize("name", ["talk.wav", "Gespräch vom 3. März.ogg", "-talk", "会議.m4a", "a" * 200])
def test_plain_file_name_is_accepted(name):
    assert media.check_file_name(name) is None
