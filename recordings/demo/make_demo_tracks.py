"""Reads the demo's script aloud into one track per person; needs flite and sox (apt install flite sox)."""

import json
import subprocess
import tempfile
import wave
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
RATE: Final = 16_000  # samples per second, what flite's voices speak in
PAUSE: Final = bytes(RATE * 2 * 7 // 10)  # 0.7 s of silence between one person and the next
VOICES: Final = {"Anna": "slt", "Ben": "rms", "Carl": "awb"}


def speak(text: str, voice: str) -> bytes:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", file.name], check=True)  # noqa: S607
        with wave.open(file.name) as sound:
            frames: bytes = sound.readframes(sound.getnframes())
            return frames


def write_flac(pcm: bytes, target: Path) -> None:
    raw = ["-t", "raw", "-r", str(RATE), "-e", "signed", "-b", "16", "-c", "1", "-"]
    subprocess.run(["sox", "-D", *raw, "-C", "8", str(target)], input=pcm, check=True)  # noqa: S607


def main() -> None:
    script = json.loads((FOLDER / "script.json").read_text())
    tracks = {track["name"]: bytearray(PAUSE) for track in script["tracks"]}
    for line in script["lines"]:
        spoken = speak(line["text"], VOICES[line["speaker"]]) + PAUSE
        for name, track in tracks.items():
            track += spoken if name == line["speaker"] else bytes(len(spoken))
    for track in script["tracks"]:
        write_flac(bytes(tracks[track["name"]]), FOLDER / track["file"])


if __name__ == "__main__":
    main()
