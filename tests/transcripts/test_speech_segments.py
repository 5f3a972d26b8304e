"""A track is cut into utterances, and each utterance knows exactly where it was."""

import random
from array import array
from collections.abc import Iterable
from itertools import chain, repeat
from pathlib import Path

import pytest

import recordings
from recordings.media import decoded
from transcripts.speech.segments import cut
from transcripts.speech.types import Segment

MS = 32  # bytes of a millisecond
SENTENCE = slice(500 * MS, 4500 * MS)  # Anna's first sentence, with silence around it


@pytest.fixture(scope="module")
def sentence() -> bytes:
    with decoded(Path(recordings.__file__).parent / "demo" / "anna.flac") as blocks:
        return b"".join(next(blocks) for _ in range(5))[SENTENCE]


@pytest.fixture(scope="module")
def voice(sentence) -> tuple[int, int]:
    """Where the voice begins and ends within the sentence, in milliseconds."""
    loud = [number for number, sample in enumerate(array("h", sentence)) if abs(sample) > 300]
    return loud[0] // 16, loud[-1] // 16


def times(segments: Iterable[Segment]) -> list[tuple[int, int]]:
    return [(segment.start_ms, segment.end_ms) for segment in segments]


def silence(milliseconds: int) -> bytes:
    return bytes(milliseconds * MS)


def noise(milliseconds: int, loudness: int) -> bytes:
    source = random.Random(7)
    return array("h", (source.randint(-loudness, loudness) for _ in range(milliseconds * 16))).tobytes()


def test_cut_finds_each_sentence_where_it_was_spoken(sentence, voice):
    track = silence(1234) + sentence + silence(5000) + sentence + silence(77)
    began = [1234 + voice[0], 1234 + 4000 + 5000 + voice[0]]
    ended = [1234 + voice[1], 1234 + 4000 + 5000 + voice[1]]

    found = list(cut([track]))

    assert [0 <= began[n] - segment.start_ms <= 400 for n, segment in enumerate(found)] == [True, True]
    assert [0 <= segment.end_ms - ended[n] <= 300 for n, segment in enumerate(found)] == [True, True]
    assert [track[segment.start_ms * MS : segment.end_ms * MS] == segment.pcm for segment in found] == [True, True]


@pytest.mark.parametrize("size", [7, 960, 5000, 10_000_000])
def test_cut_does_not_depend_on_the_blocks(sentence, size):
    track = silence(300) + sentence + silence(700) + sentence
    whole = times(cut([track]))

    found = times(cut(track[start : start + size] for start in range(0, len(track), size)))

    assert len(found) == 2
    assert found == whole


def test_cut_of_sentences_without_a_pause_keeps_them_together(sentence, voice):
    spoken = sentence[voice[0] * MS : voice[1] * MS]
    track = silence(500) + spoken + silence(200) + spoken + silence(1000)

    found = times(cut([track]))

    assert len(found) == 1


def test_cut_of_a_long_speech_gives_segments_of_at_most_half_a_minute_and_loses_nothing(sentence, voice):
    spoken = sentence[voice[0] * MS : voice[1] * MS] + silence(100)
    track = silence(600) + spoken * 25 + silence(1000)

    found = list(cut([track]))

    assert len(found) >= 3
    assert [20_000 <= segment.end_ms - segment.start_ms <= 30_000 for segment in found[:-1]] == [True] * (
        len(found) - 1
    )
    assert [segment.start_ms for segment in found[1:]] == [segment.end_ms for segment in found[:-1]]
    assert found[0].start_ms <= 600
    assert found[-1].end_ms >= 600 + len(spoken) * 25 // MS - 100


def test_cut_of_a_long_speech_cuts_in_a_pause(sentence, voice):
    spoken = sentence[voice[0] * MS : voice[1] * MS] + silence(300)
    track = silence(600) + spoken * 12 + silence(1000)

    first, *_ = cut([track])

    assert max(map(abs, array("h", first.pcm[-50 * MS :]))) < 200


def test_cut_of_speech_at_the_very_end_keeps_it(sentence, voice):
    track = silence(600) + sentence[: voice[1] * MS]

    found = list(cut([track]))

    assert [segment.end_ms for segment in found] == [pytest.approx(len(track) / MS, abs=30)]


@pytest.mark.parametrize(
    "track",
    [
        b"",
        silence(20),
        silence(5000),
        noise(5000, loudness=20),
        noise(10_000, loudness=1000),
        silence(3000) + noise(20, loudness=20_000) + silence(3000),
    ],
    ids=["nothing", "less than a frame", "silence", "hiss", "noise", "click"],
)
def test_cut_of_a_track_without_speech_gives_nothing(track):
    found = times(cut([track]))

    assert found == []


def test_cut_hears_speech_in_noise(sentence):
    clean = array("h", silence(2000) + sentence + silence(2000))
    hiss = array("h", noise(8000, loudness=150))
    track = array("h", map(sum, zip(clean, hiss, strict=True))).tobytes()

    found = times(cut([track]))

    assert len(found) == 1
    assert found[0][0] == pytest.approx(2150, abs=300)


def test_cut_learns_the_noise_of_a_microphone_that_is_switched_on(sentence, voice):
    hiss = array("h", noise(14_000, loudness=600))
    voices = array("h", silence(8000) + sentence + silence(2000))
    opened = array("h", map(sum, zip(voices, hiss, strict=True))).tobytes()

    found = times(cut([silence(3000) + opened]))

    assert found[0][1] < 7000
    assert [begin for begin, _ in found[1:]] == [pytest.approx(11_000 + voice[0], abs=300)]


def test_cut_gives_a_segment_as_soon_as_it_ends(sentence):
    endless = cut(chain([sentence], repeat(silence(100))))

    first = next(endless)

    assert first.end_ms < 4000
