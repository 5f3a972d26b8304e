"""Engines turn segments into text with the times of the track."""

import random
from array import array
from itertools import islice
from pathlib import Path

import pytest

import recordings
from recordings.media import decoded
from transcripts.exceptions import UnknownSpeechEngine
from transcripts.speech.engines import make_engine
from transcripts.speech.pocketsphinx import tidied
from transcripts.speech.segments import cut
from transcripts.speech.types import Recognised, Segment


@pytest.fixture(scope="module")
def segment() -> Segment:
    with decoded(Path(recordings.__file__).parent / "demo" / "ben.flac") as blocks:
        return next(cut(blocks))


def test_make_engine_that_is_not_there_says_what_is():
    with pytest.raises(UnknownSpeechEngine) as caught:
        make_engine("dragon")

    assert caught.value.code == "unknown_speech_engine"
    assert str(caught.value) == "There is no speech engine named “dragon”; available: pocketsphinx."
    assert caught.value.facts == {"available": ["pocketsphinx"]}


def test_pocketsphinx_gives_text_and_words_on_the_tracks_clock(segment):
    engine = make_engine("pocketsphinx")

    found = engine.recognise(segment)

    assert isinstance(found, Recognised)
    assert found.text == "Good morning I am ready to start"
    assert [word.text for word in found.words] == ["good", "morning", "i", "am", "ready", "to", "start"]
    times = [time for word in found.words for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)
    assert segment.start_ms <= times[0] < segment.start_ms + 500
    assert segment.end_ms - 500 < times[-1] <= segment.end_ms
    assert engine.name == "pocketsphinx"
    assert engine.version.startswith("5.")


def test_pocketsphinx_gives_the_same_for_the_same_track(segment):
    first = make_engine("pocketsphinx").recognise(segment)
    second = make_engine("pocketsphinx").recognise(segment)

    assert first == second


def test_pocketsphinx_gives_nothing_where_nothing_was_said():
    found = make_engine("pocketsphinx").recognise(Segment(0, 1000, bytes(32_000)))

    assert found is None


def test_pocketsphinx_survives_noise_and_the_shortest_segment():
    source = random.Random(7)
    hiss = array("h", (source.randint(-9000, 9000) for _ in range(16_000))).tobytes()
    engine = make_engine("pocketsphinx")

    found = [engine.recognise(Segment(0, 1, hiss[:32])), engine.recognise(Segment(0, 1000, hiss))]

    assert found[0] is None
    assert found[1] is None or found[1].text


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["good", "morning"], "Good morning"),
        (["yes", "i", "think", "i'm", "in"], "Yes I think I'm in"),
        (["on", "monday", "in", "september"], "On Monday in September"),
        (["friday's", "mondays"], "Friday's Mondays"),
        (["it", "is", "ill"], "It is ill"),
        (["they", "may", "march"], "They may march"),
        ([], ""),
    ],
)
def test_tidied_writes_capitals_and_no_punctuation(words, text):
    assert tidied(words) == text


@pytest.mark.parametrize("stop", [1, 4])
def test_engine_that_resumes_hears_what_the_first_would_have(stop):
    with decoded(Path(recordings.__file__).parent / "demo" / "ben.flac") as blocks:
        segments = list(islice(cut(blocks), 7))
    first = make_engine("pocketsphinx")
    for segment in segments[:stop]:
        first.recognise(segment)
    second = make_engine("pocketsphinx")
    second.resume(first.keep())

    for segment in segments[stop:]:
        # The words; where exactly one ends and the next begins may differ by a hundredth of a second or two.
        assert second.recognise(segment).text == first.recognise(segment).text


def test_engine_that_heard_nothing_has_nothing_to_keep():
    assert make_engine("pocketsphinx").keep() == ""
