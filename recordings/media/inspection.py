"""What an uploaded file is: its sound, its length, and whether all of it is there."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from recordings.exceptions import DecodeFailed, EmptyFile, MisnamedFile, NoAudio, TruncatedAudio, UnreadableAudio
from recordings.media.decoding import decoded
from recordings.media.endings import is_cut_short, looks_like_media
from recordings.media.ffmpeg import reading, running
from recordings.media.names import check_file_name, is_named_like_something_else

CPU_SECONDS: Final = 60  # packets are only counted: hours of video take seconds
WALL_SECONDS: Final = 300.0  # a slow disk
LONGEST_MS: Final = 24 * 3600 * 1000  # a file that claims more is broken, or wants to fill the disk with silence
DECLARING: Final = {"flac", "matroska,webm", "mov,mp4,m4a,3gp,3g2,mj2", "mp3"}  # containers that state their length

INPUT: Final = re.compile(r"^Input #0, (\S+), from ", re.MULTILINE)
STREAM: Final = re.compile(r"^  Stream #0:", re.MULTILINE)
LENGTH: Final = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d)\.(\d\d)", re.MULTILINE)
CHANNELS: Final = re.compile(r"^  Stream #0:\d.*: Audio: [^\n]*? Hz, (\d+) channels", re.MULTILINE)
LAYOUTS: Final = {"mono": 1, "stereo": 2, "downmix": 2, "quad": 4, "hexagonal": 6, "octagonal": 8}
CORRUPT: Final = 2  # the packet flag of libavcodec


@dataclass(frozen=True, slots=True)
class Probe:
    """What is known of a file that can become a track."""

    duration_ms: int
    container: str
    codec: str
    sample_rate: int
    channels: int


@dataclass(slots=True)
class _Packets:
    """What a walk over all packets of the sound (stream 0) and the pictures found; the times are seconds."""

    facts: dict[str, str]
    ends: dict[str, float]
    is_last_corrupt: bool = False

    @property
    def sound_ms(self) -> int:
        return round(self.ends.get("0", 0) * 1000)

    @property
    def longest_ms(self) -> int:
        return round(max(self.ends.values(), default=0) * 1000)


def probe(path: Path, *, name: str) -> Probe:
    """Return what an uploaded file holds; `name` is what its sender calls it.

    Reads every packet but decodes only the first second, so an hour takes well under a second.

    Raises: a child of BadAudio, FfmpegMissing.
    """
    check_file_name(name)
    if path.stat().st_size == 0:
        raise EmptyFile(f"“{name}” is empty: record or export it again.")
    packets, log = _walk(path)
    if not packets.ends:
        raise _why_nothing(path, name, log)
    container = _found(INPUT, log)
    if is_cut_short(path) or _ends_early(packets, container, log):
        raise TruncatedAudio(f"The end of “{name}” is missing: copy or export it again, and send the whole file.")
    if packets.sound_ms > LONGEST_MS or not _can_be_decoded(path):
        raise UnreadableAudio(f"The sound in “{name}” cannot be decoded: export it as WAV, FLAC, MP3 or Ogg.")
    if is_named_like_something_else(name):
        raise MisnamedFile(
            f"“{name}” is named like something other than sound or video: rename it with its own ending"
            f" (it holds {container.split(',')[0]})."
        )
    return _described(packets, container, log)


def measure(path: Path) -> int:
    """Return where the sound of a file ends, in milliseconds."""
    return _walk(path)[0].sound_ms


def _walk(path: Path) -> tuple[_Packets, str]:
    copied = ["-map", "0:a:0", "-map", "0:v?", "-c", "copy", "-f", "framecrc", "pipe:1"]
    with running(*reading(path), *copied, cpu_seconds=CPU_SECONDS, wall_seconds=WALL_SECONDS) as run:
        packets = _read_packets(run.stdout)
        return (packets if run.succeeds() else _Packets({}, {})), run.log()


def _read_packets(lines: IO[bytes]) -> _Packets:
    """Read ffmpeg's list of packets: “#key stream: value”, then “stream, dts, pts, duration, size, checksum, …”."""
    packets = _Packets({}, {})
    units: dict[str, float] = {}
    for raw in lines:
        line = raw.decode()
        if line.startswith("#"):
            key, _, value = line[1:].strip().partition(": ")
            packets.facts[key] = value
            if key.startswith("tb "):
                numerator, denominator = value.split("/")
                units[key[3:]] = int(numerator) / int(denominator)
            continue
        stream, _, start, duration, *rest = line.split(",")
        end = (int(start) + int(duration)) * units[stream]
        packets.ends[stream] = max(end, packets.ends.get(stream, 0.0))
        packets.is_last_corrupt = _is_corrupt(rest)
    return packets


def _is_corrupt(fields: list[str]) -> bool:
    flags = [field.strip()[2:] for field in fields if field.strip().startswith("F=0x")]
    return bool(flags) and bool(int(flags[0], 16) & CORRUPT)


def _why_nothing(path: Path, name: str, log: str) -> NoAudio | TruncatedAudio | UnreadableAudio:
    """Return the reason why ffmpeg found no packet of sound."""
    if "moov atom not found" in log and looks_like_media(path):
        return TruncatedAudio(f"The end of “{name}” is missing: copy or export it again, and send the whole file.")
    if STREAM.search(log) and ": Audio: " not in log:
        return NoAudio(f"“{name}” has no sound: choose a recording with an audio track.")
    if STREAM.search(log) or INPUT.search(log) or looks_like_media(path):
        return UnreadableAudio(f"“{name}” is damaged and cannot be read: copy or export it again.")
    return NoAudio(f"“{name}” is no sound and no video: choose a recording, for example WAV, FLAC, MP3, Ogg or MP4.")


def _ends_early(packets: _Packets, container: str, log: str) -> bool:
    """Say whether the packets end before the length that the container states.

    Its length is that of its longest stream; a quarter of a second and half a per cent are left for rounding.
    WAV marks its last packet as corrupt also where a program could not fill in the length, which is_cut_short knows.
    """
    if packets.is_last_corrupt and container != "wav":
        return True
    stated = LENGTH.search(log)
    if container not in DECLARING or not stated or "Estimating duration from bitrate" in log:
        return False
    hours, minutes, seconds, hundredths = map(int, stated.groups())
    stated_ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + hundredths * 10
    return stated_ms - packets.longest_ms > 250 + stated_ms // 200


def _can_be_decoded(path: Path) -> bool:
    try:
        with decoded(path) as blocks:
            return bool(next(blocks, b""))
    except DecodeFailed:
        return False


def _described(packets: _Packets, container: str, log: str) -> Probe:
    return Probe(
        duration_ms=packets.sound_ms,
        container=container,
        codec=packets.facts["codec_id 0"],
        sample_rate=int(packets.facts["sample_rate 0"]),
        channels=_channels(packets.facts.get("channel_layout_name 0", ""), log),
    )


def _channels(layout: str, log: str) -> int:
    """Return the number of channels of a layout such as “stereo”, “5.1(side)” or “3 channels”."""
    name = layout.partition("(")[0].strip()
    if name in LAYOUTS:
        return LAYOUTS[name]
    numbers = re.findall(r"\d+", name) or re.findall(r"\d+", _found(CHANNELS, log))
    return sum(map(int, numbers)) or 1


def _found(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match.group(1) if match else ""
