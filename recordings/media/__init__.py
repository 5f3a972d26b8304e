"""Everything about ffmpeg: what an uploaded file is, its sound as samples, its waveform, and the mix of all tracks."""

from recordings.media.decoding import decoded, peaks
from recordings.media.inspection import Probe, probe
from recordings.media.mixing import mix
from recordings.media.names import check_file_name

__all__ = ["Probe", "check_file_name", "decoded", "mix", "peaks", "probe"]
