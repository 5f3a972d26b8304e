import os
import stat
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.lib.audit import (
    GENESIS,
    BadHead,
    Head,
    Report,
    SealedRow,
    append_head,
    canonical,
    parse_head,
    read_heads,
    seal,
    sign_head,
    verify,
)

KEY, OTHER_KEY = b"k" * 32, b"j" * 32
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
AT = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
contents = st.dictionaries(st.text(max_size=5), json_values, max_size=4)
chains = st.lists(contents, min_size=1, max_size=12)


def chain(rows: list[dict], key: bytes = KEY, first: int = 1, prev: bytes = GENESIS) -> list[SealedRow]:
    sealed = []
    for seq, row in enumerate(rows, first):
        prev = seal(prev, seq, row, key)
        sealed.append(SealedRow(seq, row, prev))
    return sealed


def head_of(row: SealedRow) -> Head:
    return Head(row.seq, row.mac)


def numbered(count: int) -> list[dict]:
    return [{"event": "sign_in", "number": number} for number in range(1, count + 1)]


@unhurried
@given(chains, st.data())
def test_untouched_chain_is_sound(contents, data):
    rows = chain(contents)
    heads = [head_of(row) for row in data.draw(st.lists(st.sampled_from(rows)))]

    report = verify(iter(rows), iter(heads), KEY)

    assert report == Report(rows=len(rows))
    assert report.is_sound


def test_empty_chain_is_sound():
    assert verify([], [], KEY) == Report()


@unhurried
@given(chains, contents, st.data())
def test_edited_row_is_found_at_its_place(contents, other, data):
    rows = chain(contents)
    at = data.draw(st.integers(0, len(rows) - 1))
    changed = {**other, "changed": True}
    heads = [head_of(row) for row in rows]
    was_changed = canonical(rows[at].row) != canonical(changed)
    rows[at] = SealedRow(rows[at].seq, changed, rows[at].mac)

    report = verify(rows, heads, KEY)

    assert report == Report(rows=len(rows), edits=[at + 1] if was_changed else [])


@unhurried
@given(chains, st.data())
def test_changed_seal_is_found_from_its_place_on(contents, data):
    rows = chain(contents)
    at = data.draw(st.integers(0, len(rows) - 1))
    rows[at] = SealedRow(rows[at].seq, rows[at].row, os.urandom(32))

    report = verify(rows, [], KEY)

    assert report.edits == [at + 1, at + 2][: len(rows) - at]


@unhurried
@given(st.integers(3, 20), st.data())
def test_missing_rows_are_a_gap(count, data):
    rows = chain(numbered(count))
    first = data.draw(st.integers(1, count - 1))
    last = data.draw(st.integers(first, count - 1))

    report = verify([row for row in rows if not first <= row.seq <= last], [head_of(rows[-1])], KEY)

    assert report == Report(rows=count - (last - first + 1), gaps=[(first, last)])
    assert not report.is_sound


def test_row_after_a_gap_is_checked_where_a_head_allows_it():
    rows = chain(numbered(5))
    edited = SealedRow(4, {"event": "nothing"}, rows[3].mac)

    report = verify([rows[0], rows[1], edited, rows[4]], [head_of(rows[2])], KEY)

    assert report == Report(rows=4, gaps=[(3, 3)], edits=[4])


def test_renumbered_rows_are_edits():
    rows = chain(numbered(4))

    report = verify([rows[0], *(SealedRow(row.seq - 1, row.row, row.mac) for row in rows[2:])], [], KEY)

    assert report == Report(rows=3, edits=[2, 3])


def test_swapped_rows_are_edits():
    rows = chain(numbered(4))
    rows[1], rows[2] = SealedRow(2, rows[2].row, rows[2].mac), SealedRow(3, rows[1].row, rows[1].mac)

    assert verify(rows, [], KEY) == Report(rows=4, edits=[2, 3, 4])


def test_row_put_in_beside_the_chain_is_an_edit():
    rows = chain(numbered(3))

    report = verify([rows[0], rows[1], SealedRow(2, {"event": "forged"}, os.urandom(32)), rows[2]], [], KEY)

    assert report == Report(rows=4, edits=[2])


@unhurried
@given(st.integers(1, 20), st.data())
def test_cut_tail_is_told_by_the_highest_head(count, data):
    rows = chain(numbered(count))
    kept = data.draw(st.integers(0, count - 1))
    heads = [head_of(row) for row in rows]

    assert verify(rows[:kept], heads, KEY) == Report(rows=kept, cut=(kept + 1, count))
    assert verify(rows[:kept], [], KEY) == Report(rows=kept)


@unhurried
@given(st.integers(1, 20), st.data())
def test_rewritten_tail_is_told_by_its_heads(count, data):
    rows = chain(numbered(count))
    kept = data.draw(st.integers(0, count - 1))
    heads = [head_of(row) for row in rows]
    forged = chain(
        [{"event": "forged"}] * (count - kept + 3), first=kept + 1, prev=rows[kept - 1].mac if kept else GENESIS
    )

    report = verify([*rows[:kept], *forged], heads, KEY)

    assert report == Report(rows=count + 3, rewrites=list(range(kept + 1, count + 1)))


def test_rewrite_that_was_signed_again_contradicts_the_first_head():
    rows, forged = chain(numbered(3)), chain([{"event": "forged"}] * 3)

    report = verify(forged, [head_of(rows[2]), head_of(forged[2])], KEY)

    assert report == Report(rows=3, rewrites=[3])


def test_chain_under_another_key_is_edited_from_its_first_row():
    assert verify(chain(numbered(3), OTHER_KEY), [], KEY) == Report(rows=3, edits=[1, 2, 3])


def trim_of(row: SealedRow) -> Head:
    return Head(row.seq, row.mac, is_trim=True)


@unhurried
@given(st.integers(2, 20), st.data())
def test_lawful_trim_is_told_from_a_gap(count, data):
    rows = chain(numbered(count))
    trims = sorted(data.draw(st.sets(st.integers(1, count - 1), min_size=1, max_size=3)))
    heads = [head_of(row) for row in rows] + [trim_of(rows[seq - 1]) for seq in trims]
    left = rows[trims[-1] :]

    assert verify(left, heads, KEY) == Report(rows=len(left), trimmed=trims[-1])
    assert verify(left, [head_of(row) for row in rows], KEY) == Report(rows=len(left), gaps=[(1, trims[-1])])


@unhurried
@given(st.integers(3, 20), st.data())
def test_more_than_was_trimmed_is_a_gap(count, data):
    rows = chain(numbered(count))
    trimmed = data.draw(st.integers(1, count - 2))
    gone = data.draw(st.integers(trimmed + 1, count - 1))

    report = verify(rows[gone:], [trim_of(rows[trimmed - 1]), *map(head_of, rows)], KEY)

    assert report == Report(rows=count - gone, gaps=[(trimmed + 1, gone)], trimmed=trimmed)


def test_trim_that_was_signed_and_not_done_changes_nothing():
    rows = chain(numbered(5))

    assert verify(rows, [trim_of(rows[2])], KEY) == Report(rows=5)
    assert verify(rows[1:], [trim_of(rows[2])], KEY) == Report(rows=4, gaps=[(1, 1)])


def test_trim_of_another_chain_does_not_begin_this_one():
    rows, other = chain(numbered(5)), chain([{"event": "other"}] * 5)

    assert verify(rows[3:], [trim_of(other[2])], KEY) == Report(rows=2, edits=[4], trimmed=3)


def test_rows_after_a_trim_that_are_all_gone_are_a_cut():
    rows = chain(numbered(5))

    assert verify([], [trim_of(rows[2])], KEY) == Report(cut=(4, 4), trimmed=3)
    assert verify([], [trim_of(rows[2]), head_of(rows[4])], KEY) == Report(cut=(4, 5), trimmed=3)


def test_edits_and_rewrites_after_a_trim_are_found():
    rows = chain(numbered(5))
    edited = SealedRow(4, {"event": "nothing"}, rows[3].mac)
    forged = chain([{"event": "forged"}] * 2, first=4, prev=rows[2].mac)

    assert verify([edited, rows[4]], [trim_of(rows[2])], KEY) == Report(rows=2, edits=[4], trimmed=3)
    assert verify(forged, [trim_of(rows[2]), head_of(rows[4])], KEY) == Report(rows=2, rewrites=[5], trimmed=3)


def test_head_does_not_pass_for_a_trim():
    line = sign_head(Head(7, b"m" * 32), AT, KEY)

    assert parse_head(sign_head(Head(7, b"m" * 32, is_trim=True), AT, KEY), KEY) == Head(7, b"m" * 32, is_trim=True)
    with pytest.raises(BadHead):
        parse_head(line.replace("head1", "trim1"), KEY)


def test_canonical_form_does_not_depend_on_order():
    assert canonical({"b": 1, "a": {"d": "é", "c": None}}) == b'{"a":{"c":null,"d":"\\u00e9"},"b":1}'
    assert canonical({"a": {"c": None, "d": "é"}, "b": 1}) == canonical({"b": 1, "a": {"d": "é", "c": None}})


@unhurried
@given(contents, contents)
def test_canonical_form_tells_rows_apart(one, other):
    assert (canonical(one) == canonical(other)) == (repr(_sorted(one)) == repr(_sorted(other)))


def _sorted(value):
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("row", [{1: "a"}, {"at": AT}, {"a": b"bytes"}, {"a": {1, 2}}])
def test_canonical_form_of_what_json_cannot_hold_is_refused(row):
    with pytest.raises(TypeError):
        canonical(row)


def test_canonical_form_of_no_number_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        canonical({"a": float("nan")})


@unhurried
@given(st.integers(0, 2**63), st.binary(min_size=32, max_size=32))
def test_signed_head_returns_as_it_was(seq, mac):
    assert parse_head(sign_head(Head(seq, mac), AT, KEY) + "\n", KEY) == Head(seq, mac)


def test_signed_head_is_one_readable_line():
    line = sign_head(Head(7, b"m" * 32), AT.astimezone(timezone(timedelta(hours=3))), KEY)

    assert line.split(" ")[:4] == ["head1", "7", "6d" * 32, "2026-03-01T12:30:15.250Z"]
    assert len(line.split(" ")) == 5


@unhurried
@given(st.data())
def test_changed_head_is_refused(data):
    line = sign_head(Head(7, b"m" * 32), AT, KEY)
    at = data.draw(st.integers(0, len(line) - 1))
    other = data.draw(st.characters(exclude_characters=line[at], exclude_categories=["Zs", "Cc", "Zl", "Zp"]))

    with pytest.raises(BadHead):
        parse_head(line[:at] + other + line[at + 1 :], KEY)


@pytest.mark.parametrize("line", ["", " ", "head1", "head1 1 00 x y", "\ud800 \ud800"])
def test_line_that_is_no_head_is_refused(line):
    with pytest.raises(BadHead):
        parse_head(line, KEY)


def test_head_signed_with_another_key_is_refused():
    with pytest.raises(BadHead):
        parse_head(sign_head(Head(7, b"m" * 32), AT, OTHER_KEY), KEY)


def test_seal_of_a_row_is_no_signature_of_a_head():
    body = "head1 1 00 2026-03-01T12:30:15.250Z"
    forged = seal(body.encode(), 1, {}, KEY).hex()

    with pytest.raises(BadHead):
        parse_head(f"{body} {forged}", KEY)


def test_heads_are_appended_and_read_back(tmp_path):
    path = tmp_path / "audit" / "heads.log"
    heads = [Head(seq, bytes([seq]) * 32) for seq in (1, 5, 9)]
    for head in heads:
        append_head(path, sign_head(head, AT, KEY))

    assert read_heads(path, KEY) == (heads, [])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_head_cut_by_a_crash_costs_only_itself(tmp_path):
    path = tmp_path / "heads.log"
    heads = [Head(seq, bytes([seq]) * 32) for seq in (1, 5, 9)]
    append_head(path, sign_head(heads[0], AT, KEY))
    with path.open("a") as file:
        file.write(sign_head(heads[1], AT, KEY)[:40])
    append_head(path, sign_head(heads[2], AT, KEY))

    assert read_heads(path, KEY) == ([heads[0], heads[2]], [2])


def test_head_file_that_is_not_there_has_no_heads(tmp_path):
    assert read_heads(tmp_path / "heads.log", KEY) == ([], [])


def test_head_file_of_junk_is_told_line_by_line(tmp_path):
    path = tmp_path / "heads.log"
    path.write_bytes(b"junk\n\xff\xfe\n\nmore")

    assert read_heads(path, KEY) == ([], [1, 2, 4])
