"""A track becomes samples, a waveform and a part of the mix, by Debian's ffmpeg and by imageio's alike."""

from array import array
from pathlib import Path

import imageio_ffmpeg
import psutil
import pytest

from recordings import exceptions, media
from recordings.media import Probe, ffmpeg
from tests.recordings import samples

MP4 = "mov,mp4,m4a,3gp,3g2,mj2"


@pytest.fixture(params=samples.BINARIES, ids=lambda path: Path(path).name[:12], autouse=True)
def _binary(request, monkeypatch):
    monkeypatch.setenv("FFMPEG_BINARY", request.param)


def loudest(pcm: bytes) -> int:
    return max(map(abs, array("h", pcm)), default=0)


def decode(path: Path) -> bytes:
    with media.decoded(path) as blocks:
        return b"".join(blocks)


def readers_of(path: Path) -> list[psutil.Process]:
    """The processes that this one started to read the file."""
    return [child for child in psutil.Process().children() if f"file:{path}" in child.cmdline()]


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
        readers_of(path)[0].kill()
        with pytest.raises(exceptions.DecodeFailed) as caught:
            list(blocks)

    assert 1000 <= caught.value.decoded_ms < 60_000


def test_decoded_leaves_no_ffmpeg_behind_when_left_early(tmp_path):
    path = samples.make_talk(tmp_path / "long.flac", "anull", seconds=60)

    with media.decoded(path) as blocks:
        next(blocks)
        running = readers_of(path)

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
