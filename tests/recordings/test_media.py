"""Uploaded files are understood or refused with a reason, by Debian's ffmpeg and by imageio's alike."""

import shutil
import zipfile
from array import array
from pathlib import Path

import imageio_ffmpeg
import psutil
import pytest

from recordings import exceptions, media
from recordings.media import Probe, ffmpeg
from tests.recordings import samples

BINARIES = sorted({path for path in (shutil.which("ffmpeg"), imageio_ffmpeg.get_ffmpeg_exe()) if path})
MP4 = "mov,mp4,m4a,3gp,3g2,mj2"
WEBM = "matroska,webm"


@pytest.fixture(params=BINARIES, ids=lambda path: Path(path).name[:12], autouse=True)
def _binary(request, monkeypatch):
    monkeypatch.setenv("FFMPEG_BINARY", request.param)


def refusal(path: Path, name: str | None = None) -> exceptions.BadAudio:
    with pytest.raises(exceptions.BadAudio) as caught:
        media.probe(path, name=name or path.name)
    return caught.value


def loudest(pcm: bytes) -> int:
    return max(map(abs, array("h", pcm)), default=0)


def decode(path: Path) -> bytes:
    with media.decoded(path) as blocks:
        return b"".join(blocks)


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
    media.check_file_name(name)


# The sound as samples


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.wav", []),
        ("a.flac", ["-ac", "2"]),
        ("a.webm", ["-c:a", "libopus"]),
        ("a.m4a", ["-c:a", "aac"]),
        ("a.mp3", ["-c:a", "libmp3lame"]),
    ],
)
def test_decoded_gives_all_of_the_sound_in_blocks_of_a_second(tmp_path, name, options):
    path = samples.make_tone(tmp_path / name, *options)

    with media.decoded(path) as blocks:
        found = list(blocks)

    assert {len(block) for block in found[:-1]} == {32000}
    assert sum(map(len, found)) / 32 == pytest.approx(2000, abs=70)
    assert 2500 < loudest(found[0]) < 6000


def test_decoded_fills_a_late_start_with_silence(tmp_path):
    late = ["-itsoffset", "1.5", *samples.TONE, *samples.VIDEO]
    path = samples.make(tmp_path / "late.mkv", *samples.PICTURES, *late, "-c:a", "pcm_s16le")

    pcm = decode(path)

    assert len(pcm) / 32 == pytest.approx(3500, abs=30)
    assert loudest(pcm[: 1470 * 32]) == 0
    assert loudest(pcm[1530 * 32 : 1600 * 32]) > 3000


def test_decoded_of_what_cannot_be_decoded_fails_at_the_end(tmp_path):
    path = tmp_path / "a.wav"
    path.write_text("no sound")

    with media.decoded(path) as blocks, pytest.raises(exceptions.DecodeFailed) as caught:
        list(blocks)

    assert caught.value.decoded_ms == 0


def test_decoded_says_how_far_it_came_when_ffmpeg_dies(tmp_path):
    path = samples.make_talk(tmp_path / "long.flac", "anull", seconds=60)

    with media.decoded(path) as blocks:
        next(blocks)
        psutil.Process().children()[0].kill()
        with pytest.raises(exceptions.DecodeFailed) as caught:
            list(blocks)

    assert 1000 <= caught.value.decoded_ms < 60_000


def test_decoded_leaves_no_ffmpeg_behind_when_left_early(tmp_path):
    path = samples.make_talk(tmp_path / "long.flac", "anull", seconds=60)

    with media.decoded(path) as blocks:
        next(blocks)
        running = psutil.Process().children()

    assert len(running) == 1
    assert not running[0].is_running()


def test_peaks_draw_sound_and_silence(tmp_path):
    path = samples.make_talk(tmp_path / "a.flac", "volume=8:enable='gte(t,2)',volume=0:enable='lt(t,2)'")

    found = media.peaks(path)

    assert len(found) == 40
    assert max(found[:19]) == 0
    assert min(found[21:39]) > 200
    assert max(found) <= 255


# The mix


def test_mix_places_each_track_at_its_offset(tmp_path):
    first = samples.make_talk(tmp_path / "first.flac", "anull", seconds=1)
    second = samples.make_talk(tmp_path / "second.flac", "anull", seconds=1)
    progress: list[float] = []

    media.mix([(first, 0), (second, 3000)], tmp_path / "mix.m4a", on_progress=progress.append)

    pcm = decode(tmp_path / "mix.m4a")
    assert media.probe(tmp_path / "mix.m4a", name="mix.m4a") == Probe(4000, MP4, "aac", 48000, 1)
    assert loudest(pcm[200 * 32 : 800 * 32]) > 3000
    assert loudest(pcm[1200 * 32 : 2800 * 32]) < 100
    assert loudest(pcm[3200 * 32 : 3800 * 32]) > 3000
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    assert (tmp_path / "mix.m4a").read_bytes().index(b"moov") < 200


def test_mix_of_loud_tracks_does_not_clip(tmp_path):
    loud = [(samples.make_talk(tmp_path / f"{number}.flac", "volume=7"), 0) for number in range(4)]

    media.mix(loud, tmp_path / "mix.m4a", on_progress=lambda part: None)

    middle = decode(tmp_path / "mix.m4a")[32000:-32000]
    assert 20_000 < loudest(middle) < 32_700


def test_mix_overwrites_what_an_interrupted_one_left(tmp_path):
    track = samples.make_tone(tmp_path / "a.wav")
    (tmp_path / "mix.m4a.part").write_bytes(b"half a mix")

    media.mix([(track, 0)], tmp_path / "mix.m4a", on_progress=lambda part: None)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "mix.m4a"]


def test_mix_that_fails_leaves_nothing(tmp_path):
    track = samples.make_tone(tmp_path / "a.wav")
    broken = tmp_path / "b.wav"
    broken.write_text("no sound")

    with pytest.raises(exceptions.MixFailed):
        media.mix([(track, 0), (broken, 0)], tmp_path / "mix.m4a", on_progress=lambda part: None)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "b.wav"]


# The program


def test_ffmpeg_that_is_not_there_is_not_the_files_fault(tmp_path, monkeypatch):
    path = samples.make_tone(tmp_path / "a.wav")
    monkeypatch.setenv("FFMPEG_BINARY", str(tmp_path / "nowhere"))

    with pytest.raises(exceptions.FfmpegMissing) as caught:
        media.probe(path, name="a.wav")

    assert str(caught.value) == "FFMPEG_BINARY names no program that can be run."


def test_ffmpeg_is_found_on_the_path_else_in_imageio(tmp_path, monkeypatch):
    monkeypatch.delenv("FFMPEG_BINARY")
    on_path = tmp_path / "ffmpeg"
    on_path.write_text("#!/bin/sh\n")
    on_path.chmod(0o700)

    monkeypatch.setenv("PATH", str(tmp_path))
    first = ffmpeg.binary()
    on_path.unlink()
    second = ffmpeg.binary()

    assert (first, second) == (str(on_path), imageio_ffmpeg.get_ffmpeg_exe())


def test_ffmpeg_sees_no_secrets_and_may_write_no_file(tmp_path, monkeypatch):
    spy = tmp_path / "spy"
    spy.write_text(f"#!/bin/sh\nenv; echo words; ulimit -c; echo content > {tmp_path}/file\n")
    spy.chmod(0o700)
    monkeypatch.setenv("FFMPEG_BINARY", str(spy))
    monkeypatch.setenv("ENCRYPTION_SECRET", "canary")

    with ffmpeg.running(cpu_seconds=10) as run:
        said = run.stdout.read().decode()
        has_succeeded = run.succeeds()

    assert said.endswith("words\n0\n")
    assert "canary" not in said
    assert not has_succeeded
    assert (tmp_path / "file").read_bytes() == b""


def test_ffmpeg_that_takes_too_long_is_ended(tmp_path, monkeypatch):
    spy = tmp_path / "spy"
    spy.write_text("#!/bin/sh\nexec sleep 60\n")
    spy.chmod(0o700)
    monkeypatch.setenv("FFMPEG_BINARY", str(spy))

    with ffmpeg.running(cpu_seconds=10, wall_seconds=0.1) as run:
        said = run.stdout.read()
        has_succeeded = run.succeeds()

    assert said == b""
    assert not has_succeeded
