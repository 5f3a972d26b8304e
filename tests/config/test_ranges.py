"""Which bytes a Range header means."""

import pytest

from config.lib.ranges import Range, RangeNotSatisfiable, requested_range


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-0", Range(0, 1)),
        ("bytes=0-", Range(0, 100)),
        ("bytes=40-59", Range(40, 60)),
        ("bytes=40-", Range(40, 100)),
        ("bytes=99-", Range(99, 100)),
        ("bytes=90-100", Range(90, 100)),
        ("bytes=0-999999999999999999", Range(0, 100)),
        ("bytes=-1", Range(99, 100)),
        ("bytes=-100", Range(0, 100)),
        ("bytes=-101", Range(0, 100)),
        (" bytes=1-2 ", Range(1, 3)),
    ],
)
def test_range_inside_the_file_is_those_bytes(header, wanted):
    assert requested_range(header, 100) == wanted


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-4",
        "bytes=1-2,4-5",
        "bytes=--1",
        "lines=1-2",
        "bytes=0x1-2",
        "bytes=\xb2-\xb3",
        # More digits than Python reads into a number at all.
        pytest.param(f"bytes={'9' * 5000}-", id="too many digits"),
    ],
)
def test_header_that_is_no_single_range_is_ignored(header):
    assert requested_range(header, 100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=999-", "bytes=-0"])
def test_range_behind_the_end_is_refused_with_the_size(header):
    with pytest.raises(RangeNotSatisfiable) as refused:
        requested_range(header, 100)

    assert (refused.value.size, refused.value.status) == (100, 416)


def test_empty_file_has_no_range():
    with pytest.raises(RangeNotSatisfiable):
        requested_range("bytes=0-", 0)
