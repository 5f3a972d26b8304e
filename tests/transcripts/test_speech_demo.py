"""The demo meeting is recognised as it was spoken, each line under its speaker."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import jiwer
import pytest

import recordings
from recordings.media import decoded
from transcripts.speech.engines import make_engine
from transcripts.speech.segments import cut

DEMO = Path(recordings.__file__).parent / "demo"
SCRIPT = json.loads((DEMO / "script.json").read_text())


def recognised(track: dict[str, str]) -> Iterator[tuple[int, str, str]]:
    engine = make_engine("pocketsphinx")
    with decoded(DEMO / track["file"]) as blocks:
        for segment in cut(blocks):
            found = engine.recognise(segment)
            yield segment.start_ms, track["name"], found.text if found else ""


def plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z']+", text.lower()))


@pytest.fixture(scope="module")
def transcript() -> list[tuple[int, str, str]]:
    return sorted(line for track in SCRIPT["tracks"] for line in recognised(track))


def test_demo_has_each_line_under_its_speaker_in_order(transcript):
    spoken = [(line["speaker"], plain(line["text"])) for line in SCRIPT["lines"]]
    heard = [(speaker, plain(text)) for _, speaker, text in transcript]

    wrong = [pair for pair in zip(spoken, heard, strict=True) if jiwer.wer(pair[0][1], pair[1][1]) > 0.5]

    assert [speaker for speaker, _ in heard] == [speaker for speaker, _ in spoken]
    assert wrong == []


def test_demo_has_few_wrong_words(transcript):
    spoken = plain(" ".join(line["text"] for line in SCRIPT["lines"]))
    heard = plain(" ".join(text for _, _, text in transcript))

    assert jiwer.wer(spoken, heard) <= 0.15


def test_demo_is_small():
    size = sum(file.stat().st_size for file in DEMO.glob("*.flac"))

    assert size < 2_500_000
