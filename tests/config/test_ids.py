"""Ids are unique whoever makes them, and sort by the time at which they were made."""

import multiprocessing
import threading
import time

import pytest

from config.lib.ids import is_id, new_id


def make_ids(count: int) -> list[str]:
    return [new_id() for _ in range(count)]


def test_id_is_24_hex_digits_that_begin_with_the_time():
    before = int(time.time())

    made = new_id()

    assert is_id(made)
    assert before <= int(made[:8], 16) <= int(time.time())


def test_ids_of_one_process_differ_and_share_its_five_bytes():
    made = make_ids(5000)

    assert len(set(made)) == 5000
    assert len({one[8:18] for one in made}) == 1


def test_ids_of_different_seconds_sort_by_time(monkeypatch):
    seconds = [1_700_000_000, 1_700_000_001, 1_800_000_000]
    made = []
    for second in seconds:
        monkeypatch.setattr(time, "time", lambda second=second: second + 0.9)
        made.append(new_id())

    assert sorted(made) == made


def test_counter_goes_on_behind_its_end(monkeypatch):
    monkeypatch.setattr("config.lib.ids._counter", 2**24 - 2)

    made = [one[18:] for one in make_ids(3)]

    assert made == ["ffffff", "000000", "000001"]


def test_ids_of_forked_processes_differ():
    # They inherit the parent's counter and five bytes, as the children of a worker do.
    make_ids(1)
    with multiprocessing.get_context("fork").Pool(4) as pool:
        made = sum(pool.map(make_ids, [2000] * 8), make_ids(2000))

    assert len(set(made)) == len(made) == 18_000


def test_ids_of_threads_differ():
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.extend(make_ids(2000))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(made)) == len(made) == 16_000


@pytest.mark.parametrize("text", ["", "0" * 23, "0" * 25, "G" * 24, "A" * 24, "0" * 24 + "\n", "٠" * 24])
def test_other_text_is_no_id(text):
    assert not is_id(text)
