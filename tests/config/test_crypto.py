import base64
import os
import threading

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from config.lib.crypto import (
    DataKeyUndecryptable,
    FieldCipher,
    KeyCache,
    NotUnicode,
    StoredTextUndecryptable,
    decrypt_field,
    encrypt_field,
    is_wrapped_by,
    new_data_key,
    parse_master_key,
    unwrap_key,
    wrap_key,
)

KEY = bytes(range(32))
unhurried = settings(deadline=None)  # the machine may be busy
PLACE = {"meeting_id": "65f0000000000000000000a1", "row_id": "65f0000000000000000000b2", "field": "line.message"}
texts = st.text(st.characters(exclude_categories=["Cs"]))
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def flip(sealed: bytes, bit: int) -> bytes:
    return bytes(byte ^ (1 << bit % 8) if at == bit // 8 else byte for at, byte in enumerate(sealed))


@unhurried
@given(texts)
def test_field_returns_as_it_was(text):
    sealed = encrypt_field(text, KEY, **PLACE)

    assert decrypt_field(sealed, KEY, **PLACE) == text


def test_field_of_utf8_bytes_returns_as_text():
    sealed = encrypt_field("Grüße".encode(), KEY, **PLACE)

    assert decrypt_field(memoryview(sealed), KEY, **PLACE) == "Grüße"


def test_field_has_the_stated_layout():
    sealed = encrypt_field("Hello.", KEY, **PLACE)

    context = f"24:{PLACE['meeting_id']}12:line.message{PLACE['row_id']}".encode()
    assert sealed[:2] == b"v2"
    assert AESGCM(KEY).decrypt(sealed[2:14], sealed[14:], context) == b"Hello."
    assert len(sealed) == 2 + 12 + 6 + 16


def test_field_never_looks_the_same_twice():
    sealed = {encrypt_field("Hello.", KEY, **PLACE) for _ in range(100)}

    assert len({text[2:14] for text in sealed}) == 100


@pytest.mark.parametrize("text", ["\ud800", "half \udc00 way", b"\xff\xfe", b"\xed\xa0\x80"])
def test_field_that_is_not_unicode_is_refused_without_its_content(text):
    with pytest.raises(NotUnicode) as caught:
        encrypt_field(text, KEY, **PLACE)

    assert caught.value.__context__ is None


def test_every_flipped_bit_is_an_error():
    sealed = encrypt_field("Pay 100 to Bob.", KEY, **PLACE)

    for bit in range(len(sealed) * 8):
        with pytest.raises(StoredTextUndecryptable):
            decrypt_field(flip(sealed, bit), KEY, **PLACE)


@unhurried
@given(texts, st.data())
def test_a_changed_byte_in_any_text_is_an_error(text, data):
    sealed = bytearray(encrypt_field(text, KEY, **PLACE))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))

    with pytest.raises(StoredTextUndecryptable):
        decrypt_field(bytes(sealed), KEY, **PLACE)


def test_every_cut_text_is_an_error():
    sealed = encrypt_field("Pay 100 to Bob.", KEY, **PLACE)

    for length in range(len(sealed)):
        with pytest.raises(StoredTextUndecryptable):
            decrypt_field(sealed[:length], KEY, **PLACE)
        with pytest.raises(StoredTextUndecryptable):
            decrypt_field(sealed[len(sealed) - length :], KEY, **PLACE)


def test_a_lengthened_text_is_an_error():
    sealed = encrypt_field("Hello.", KEY, **PLACE)

    with pytest.raises(StoredTextUndecryptable):
        decrypt_field(sealed + b"\0", KEY, **PLACE)


@pytest.mark.parametrize("moved", ["meeting_id", "row_id", "field"])
def test_a_moved_text_is_an_error(moved):
    sealed = encrypt_field("Hello.", KEY, **PLACE)

    with pytest.raises(StoredTextUndecryptable):
        decrypt_field(sealed, KEY, **{**PLACE, moved: "65f0000000000000000000c3"})


@unhurried
@given(st.tuples(names, names, names), st.tuples(names, names, names))
def test_no_two_places_are_taken_for_one(one, other):
    sealed = encrypt_field("Hello.", KEY, meeting_id=one[0], field=one[1], row_id=one[2])

    def read_as_other() -> str:
        return decrypt_field(sealed, KEY, meeting_id=other[0], field=other[1], row_id=other[2])

    if one == other:
        assert read_as_other() == "Hello."
    else:
        with pytest.raises(StoredTextUndecryptable):
            read_as_other()


@pytest.mark.parametrize(
    ("one", "other"),
    [(("a", "b", "c"), ("ab", "", "c")), (("1", "1:x", ""), ("11:1", "", "x")), (("", "", "1:"), ("", "1:", ""))],
)
def test_places_that_read_alike_when_joined_are_told_apart(one, other):
    sealed = encrypt_field("Hello.", KEY, meeting_id=one[0], field=one[1], row_id=one[2])

    with pytest.raises(StoredTextUndecryptable):
        decrypt_field(sealed, KEY, meeting_id=other[0], field=other[1], row_id=other[2])


def test_a_wrong_key_is_an_error():
    sealed = encrypt_field("Hello.", KEY, **PLACE)

    with pytest.raises(StoredTextUndecryptable):
        decrypt_field(sealed, new_data_key(), **PLACE)


def test_error_names_the_row_and_nothing_of_its_content():
    context = f"24:{PLACE['meeting_id']}12:line.message{PLACE['row_id']}".encode()
    nonce = bytes(12)
    never_utf8 = b"v2" + nonce + AESGCM(KEY).encrypt(nonce, b"secret words \xff", context)

    with pytest.raises(StoredTextUndecryptable) as caught:
        decrypt_field(never_utf8, KEY, **PLACE)

    assert caught.value.facts == {"meeting": PLACE["meeting_id"], "row": PLACE["row_id"], "field": "line.message"}
    assert all(str(fact) in caught.value.message for fact in caught.value.facts.values())
    assert caught.value.code == "undecryptable"
    assert caught.value.status == 500
    assert caught.value.__context__ is None


def test_rows_are_read_in_order():
    cipher = FieldCipher(KEY, "m")
    rows = [(f"row{n}", cipher.encrypt(f"text {n}", row_id=f"row{n}", field="f")) for n in range(5)]

    assert cipher.decrypt_rows(iter(rows), field="f") == ["text 0", "text 1", "text 2", "text 3", "text 4"]
    assert cipher.decrypt_rows([], field="f") == []


def test_rows_that_were_swapped_name_the_first_of_them():
    cipher = FieldCipher(KEY, "m")
    rows = [(f"row{n}", cipher.encrypt(f"text {n}", row_id=f"row{n}", field="f")) for n in range(5)]
    rows[2], rows[3] = (rows[2][0], rows[3][1]), (rows[3][0], rows[2][1])

    with pytest.raises(StoredTextUndecryptable) as caught:
        cipher.decrypt_rows(rows, field="f")

    assert caught.value.facts == {"meeting": "m", "row": "row2", "field": "f"}


def test_data_key_is_unwrapped_by_any_master_that_wrapped_it():
    old, new, data_key = os.urandom(32), os.urandom(32), new_data_key()

    wrapped = wrap_key(data_key, [old], owner="m")

    assert unwrap_key(wrapped, [new, old], owner="m") == data_key
    assert is_wrapped_by(wrapped, old)
    assert not is_wrapped_by(wrapped, new)
    assert data_key not in wrapped


def test_first_master_wraps():
    old, new, data_key = os.urandom(32), os.urandom(32), new_data_key()

    wrapped = wrap_key(data_key, [new, old], owner="m")

    assert unwrap_key(wrapped, [new], owner="m") == data_key


def test_data_key_of_another_owner_is_an_error():
    wrapped = wrap_key(new_data_key(), [KEY], owner="m")

    with pytest.raises(DataKeyUndecryptable) as caught:
        unwrap_key(wrapped, [KEY], owner="n")

    assert caught.value.facts == {"owner": "n"}


def test_data_key_under_an_unknown_master_says_so():
    wrapped = wrap_key(new_data_key(), [KEY], owner="m")

    with pytest.raises(DataKeyUndecryptable, match="not among ENCRYPTION_KEYS"):
        unwrap_key(wrapped, [os.urandom(32)], owner="m")


def test_every_flipped_bit_of_a_wrapped_key_is_an_error():
    wrapped = wrap_key(new_data_key(), [KEY], owner="m")

    for bit in range(len(wrapped) * 8):
        with pytest.raises(DataKeyUndecryptable):
            unwrap_key(flip(wrapped, bit), [KEY], owner="m")


def test_every_cut_of_a_wrapped_key_is_an_error():
    wrapped = wrap_key(new_data_key(), [KEY], owner="m")

    for length in range(len(wrapped)):
        with pytest.raises(DataKeyUndecryptable):
            unwrap_key(wrapped[:length], [KEY], owner="m")


@pytest.mark.parametrize("write", [base64.b64encode, base64.urlsafe_b64encode])
def test_master_key_is_read_in_either_alphabet(write):
    master = bytes([251, 255] * 16)

    assert parse_master_key(write(master).decode()) == master
    assert parse_master_key(write(master).decode().rstrip("=") + "\n") == master


@pytest.mark.parametrize(
    "text",
    ["", "short", "ä" * 44, base64.b64encode(bytes(31)).decode(), base64.b64encode(bytes(33)).decode(), "*" * 44],
)
def test_master_key_of_another_size_is_refused_without_repeating_it(text):
    with pytest.raises(ValueError, match="32 random bytes") as caught:
        parse_master_key(text)

    assert not text or text not in str(caught.value)


def test_key_cache_forgets_what_was_used_longest_ago():
    cache = KeyCache[str, int](2)

    cache.put("a", 1)
    cache.put("b", 2)
    cache.get("a")
    cache.put("c", 3)

    assert [cache.get(name) for name in "abc"] == [1, None, 3]


def test_key_cache_serves_many_threads():
    cache = KeyCache[int, int](8)
    wrong = []

    def work(start: int) -> None:
        for n in range(300):
            name = (start + n) % 24
            cache.put(name, name * 10)
            wrong.extend(kept for other in range(24) if (kept := cache.get(other)) not in (None, other * 10))

    threads = [threading.Thread(target=work, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
    assert sum(cache.get(name) is not None for name in range(24)) == 8
