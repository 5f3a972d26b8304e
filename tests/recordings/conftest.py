"""Sound to import, made once."""

import pytest

from tests.recordings import samples


@pytest.fixture(scope="session")
def sound_files(tmp_path_factory):
    """Two files of two seconds each, in different formats."""
    folder = tmp_path_factory.mktemp("sounds")
    return [samples.make_tone(folder / "anna.flac"), samples.make_tone(folder / "ben.ogg", "-c:a", "libvorbis")]


@pytest.fixture(scope="session")
def flac(sound_files) -> bytes:
    return sound_files[0].read_bytes()


@pytest.fixture(scope="session")
def ogg(sound_files) -> bytes:
    return sound_files[1].read_bytes()
