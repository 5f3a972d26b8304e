import json
import os
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.lib.crypto import DataKeyUndecryptable
from config.lib.ids import new_id
from config.lib.keystore import CACHED_KEYS, KeyExists, KeyMissing, KeyStore

OLD, NEW = b"o" * 32, b"n" * 32
MEETING = "65f0000000000000000000a1"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "data" / "keys"


@pytest.fixture
def store(folder) -> KeyStore:
    return KeyStore(folder, [OLD])


def rewrap_all(store):
    *_, rotation = store.rewrap(batch=1000)
    return rotation


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.name != ".lock")


def start_elsewhere(folder: Path, action: str) -> subprocess.Popen:
    """Run something with a store of the same folder in another process."""
    script = f"""
from pathlib import Path
from config.lib.ids import new_id
from config.lib.keystore import KeyStore
store = KeyStore(Path({str(folder)!r}), [{OLD!r}])
{action}
"""
    return subprocess.Popen([sys.executable, "-c", script], cwd=ROOT)


def test_created_key_is_read_by_another_store(store, folder):
    data_key = store.create(MEETING)

    assert len(data_key) == 32
    assert store.get(MEETING) == data_key
    assert KeyStore(folder, [OLD]).get(MEETING) == data_key
    assert files_in(folder) == [f"{MEETING}.key"]


def test_created_key_lies_wrapped_in_a_file_for_our_eyes_only(store, folder):
    data_key = store.create(MEETING)

    path = folder / "a1" / f"{MEETING}.key"
    body = json.loads(path.read_bytes())
    assert set(body) == {"version", "wrapped"}
    assert body["version"] == 1
    assert data_key not in path.read_bytes()
    assert data_key.hex() not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_second_create_is_refused_and_keeps_the_first(store):
    data_key = store.create(MEETING)

    with pytest.raises(KeyExists):
        store.create(MEETING)

    assert store.get(MEETING) == data_key


def test_create_after_a_crash_beside_the_key_keeps_the_key(store, folder):
    data_key = store.create(MEETING)
    path = folder / "a1" / f"{MEETING}.key"
    os.link(path, path.with_suffix(".new"))

    with pytest.raises(KeyExists):
        store.create(MEETING)

    assert KeyStore(folder, [OLD]).get(MEETING) == data_key


def test_create_after_a_crash_before_the_key_makes_it(store, folder):
    (folder / "a1").mkdir(parents=True)
    (folder / "a1" / f"{MEETING}.new").write_bytes(b'{"version": 1, "wra')

    data_key = store.create(MEETING)

    assert KeyStore(folder, [OLD]).get(MEETING) == data_key
    assert files_in(folder) == [f"{MEETING}.key"]


def test_create_by_many_at_once_makes_one_key(folder):
    def create(_: int) -> bytes | None:
        try:
            return KeyStore(folder, [OLD]).create(MEETING)
        except KeyExists:
            return None

    with ThreadPoolExecutor(8) as pool:
        made = [key for key in pool.map(create, range(24)) if key is not None]

    assert made == [KeyStore(folder, [OLD]).get(MEETING)]


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "65F0000000000000000000A1", "65f0000000000000000000a1\n", "a1"]
)
def test_name_that_is_no_id_has_no_key(store, name):
    with pytest.raises(KeyMissing):
        store.get(name)
    with pytest.raises(ValueError, match="24"):
        store.create(name)
    with pytest.raises(ValueError, match="24"):
        store.destroy(name)


def test_key_that_was_never_made_is_missing(store):
    with pytest.raises(KeyMissing) as caught:
        store.get(MEETING)

    assert (caught.value.code, caught.value.status) == ("key_missing", 410)
    assert caught.value.facts == {"meeting": MEETING}


def test_destroyed_key_is_gone_at_once(store, folder):
    store.create(MEETING)
    store.get(MEETING)

    store.destroy(MEETING)

    with pytest.raises(KeyMissing):
        store.get(MEETING)
    assert files_in(folder) == []


def test_destroyed_key_leaves_no_copy_of_a_crash(store, folder):
    store.create(MEETING)
    path = folder / "a1" / f"{MEETING}.key"
    os.link(path, path.with_suffix(".new"))

    store.destroy(MEETING)

    assert files_in(folder) == []


def test_destroy_again_is_no_error(store):
    store.destroy(MEETING)
    store.create(MEETING)
    store.destroy(MEETING)
    store.destroy(MEETING)

    assert list(store.ids()) == []


def test_key_is_read_from_memory_while_its_file_stays(store, folder):
    data_key = store.create(MEETING)
    store.get(MEETING)
    path = folder / "a1" / f"{MEETING}.key"
    status = path.stat()
    path.write_bytes(b"not read")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    assert store.get(MEETING) == data_key


def test_killed_process_leaves_no_half_key(store, folder):
    process = start_elsewhere(folder, "while True: store.create(new_id())")
    deadline = time.monotonic() + 30
    while len(list(store.ids())) < 50 and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    process.wait()

    meeting_ids = list(store.ids())
    assert len(meeting_ids) >= 50
    assert {len(store.get(meeting_id)) for meeting_id in meeting_ids} == {32}
    rotation = rewrap_all(KeyStore(folder, [NEW, OLD]))
    assert (rotation.rewrapped, rotation.failed) == (len(meeting_ids), [])


def test_key_destroyed_by_another_process_is_not_served_from_memory(store, folder):
    store.create(MEETING)
    store.get(MEETING)

    assert start_elsewhere(folder, f"store.destroy({MEETING!r})").wait() == 0

    with pytest.raises(KeyMissing):
        store.get(MEETING)


def test_key_made_anew_by_another_process_is_read_anew(store, folder):
    first = store.create(MEETING)
    store.get(MEETING)
    other = KeyStore(folder, [OLD])
    other.destroy(MEETING)
    second = other.create(MEETING)

    assert store.get(MEETING) == second != first


def test_more_keys_than_memory_holds_are_all_read(store):
    keys = {meeting_id: store.create(meeting_id) for meeting_id in (new_id() for _ in range(CACHED_KEYS + 20))}

    for _ in range(2):
        assert {meeting_id: store.get(meeting_id) for meeting_id in keys} == keys


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b'{"version": 1, "wrapped": "*"}',
        b'{"version": 1, "wrapped": 7}',
        b'{"version": 2, "wrapped": ""}',
    ],
)
def test_damaged_file_is_an_error_that_names_the_meeting(store, folder, content):
    store.create(MEETING)
    (folder / "a1" / f"{MEETING}.key").write_bytes(content)

    with pytest.raises(DataKeyUndecryptable) as caught:
        store.get(MEETING)

    assert caught.value.facts == {"owner": MEETING}


def test_file_of_another_meeting_is_an_error(store, folder):
    other = "65f0000000000000000000b1"
    store.create(MEETING)
    store.create(other)
    (folder / "a1" / f"{MEETING}.key").replace(folder / "b1" / f"{other}.key")

    with pytest.raises(DataKeyUndecryptable):
        store.get(other)


def test_ids_are_those_with_a_key(store, folder):
    meeting_ids = sorted(new_id() for _ in range(5))
    for meeting_id in meeting_ids:
        store.create(meeting_id)
    (folder / "a1").mkdir(exist_ok=True)
    (folder / "a1" / "notes.key").touch()
    (folder / "a1" / f"{MEETING}.new").touch()

    assert sorted(store.ids()) == meeting_ids


def test_ids_of_a_store_without_a_folder_are_none(store):
    assert list(store.ids()) == []


def test_rotation_needs_only_the_new_master_afterwards(store, folder):
    keys = {meeting_id: store.create(meeting_id) for meeting_id in (new_id() for _ in range(7))}

    rotation = rewrap_all(KeyStore(folder, [NEW, OLD]))

    assert (rotation.rewrapped, rotation.current, rotation.failed) == (7, 0, [])
    after = KeyStore(folder, [NEW])
    assert {meeting_id: after.get(meeting_id) for meeting_id in keys} == keys
    assert len(files_in(folder)) == 7


def test_rotation_stopped_in_the_middle_goes_on(store, folder):
    keys = {meeting_id: store.create(meeting_id) for meeting_id in (new_id() for _ in range(7))}
    first_run = KeyStore(folder, [NEW, OLD]).rewrap(batch=3)
    done = next(first_run).rewrapped
    first_run.close()

    rotation = rewrap_all(KeyStore(folder, [NEW, OLD]))

    assert done == 3
    assert (rotation.rewrapped, rotation.current, rotation.failed) == (4, 3, [])
    assert {meeting_id: KeyStore(folder, [NEW]).get(meeting_id) for meeting_id in keys} == keys


def test_rotation_yields_after_each_batch(store, folder):
    for _ in range(5):
        store.create(new_id())

    seen = [rotation.rewrapped for rotation in KeyStore(folder, [NEW, OLD]).rewrap(batch=2)]

    assert seen == [2, 4, 5]


def test_rotation_after_a_crash_beside_the_key_keeps_the_key(store, folder):
    data_key = store.create(MEETING)
    path = folder / "a1" / f"{MEETING}.key"
    os.link(path, path.with_suffix(".new"))

    rewrap_all(KeyStore(folder, [NEW, OLD]))

    assert KeyStore(folder, [NEW]).get(MEETING) == data_key
    assert files_in(folder) == [f"{MEETING}.key"]


def test_rotation_leaves_alone_what_it_cannot_open(store, folder):
    lost = "65f0000000000000000000b1"
    store.create(MEETING)
    KeyStore(folder, [b"x" * 32]).create(lost)
    before = (folder / "b1" / f"{lost}.key").read_bytes()

    rotation = rewrap_all(KeyStore(folder, [NEW, OLD]))

    assert (rotation.rewrapped, rotation.current, rotation.failed) == (1, 0, [lost])
    assert (folder / "b1" / f"{lost}.key").read_bytes() == before


def test_rotation_does_not_bring_back_a_key_destroyed_meanwhile(store, folder):
    meeting_ids = sorted((new_id() for _ in range(4)), key=lambda meeting_id: (meeting_id[-2:], meeting_id))
    for meeting_id in meeting_ids:
        store.create(meeting_id)

    rotating = KeyStore(folder, [NEW, OLD]).rewrap(batch=1)
    next(rotating)
    store.destroy(meeting_ids[-1])
    *_, rotation = rotating

    assert (rotation.rewrapped, rotation.current, rotation.failed) == (3, 0, [])
    assert sorted(store.ids()) == sorted(meeting_ids[:-1])


def test_rotation_is_seen_by_a_process_that_holds_the_key(store, folder):
    both = KeyStore(folder, [NEW, OLD])
    data_key = store.create(MEETING)
    both.get(MEETING)

    rewrap_all(KeyStore(folder, [NEW, OLD]))

    assert both.get(MEETING) == data_key


@pytest.mark.parametrize("masters", [[], [b"short"], [OLD, b""]])
def test_store_without_whole_masters_is_refused(folder, masters):
    with pytest.raises(ValueError, match="32 bytes"):
        KeyStore(folder, masters)
