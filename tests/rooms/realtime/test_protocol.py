"""The envelope of events, and what is refused of them."""

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from rooms.realtime import protocol
from rooms.realtime.protocol import EVERYBODY, Kind, Payload, Refusal


class Said(Payload):
    msg: str
    size: int | UnsetType = UNSET


def kind(**changes):
    return Kind(**{"name": "said", "payload": Said, "senders": EVERYBODY, "to": "room", "summary": "", **changes})


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"1", b"nul", b'{"type":', "{" * 50, b"\xff", '{"a":"\\ud800"}', "[" * 100_000]
)
def test_what_is_no_object_is_refused(raw):
    with pytest.raises(Refusal) as refused:
        protocol.read(raw)

    assert refused.value.code == "bad_payload"


@pytest.mark.parametrize("raw", ['{"type":"a","more":[1]}', b'{"type":"a","more":[1]}'])
def test_object_is_read(raw):
    assert protocol.read(raw) == {"type": "a", "more": [1]}


@pytest.mark.parametrize(
    "fields", [{"type": 1}, {"type": "a", "ref": 5}, {"type": "a", "ref": "x" * 65}, {"type": "a", "to": []}]
)
def test_head_that_is_not_as_agreed_is_refused(fields):
    with pytest.raises(Refusal) as refused:
        protocol.head_of(fields)

    assert refused.value.code == "bad_payload"


def test_head_is_read_beside_whatever_else_there_is():
    head = protocol.head_of({"type": "a", "ref": "r", "to": "p", "more": {"of": [1]}})

    assert (head.type, head.ref, head.to) == ("a", "r", "p")


@pytest.mark.parametrize("fields", [{}, {"msg": 1}, {"msg": "a", "size": "b"}])
def test_payload_of_another_shape_is_refused(fields):
    with pytest.raises(Refusal) as refused:
        protocol.payload_of(kind(), fields)

    assert refused.value.code == "bad_payload"


def test_open_event_passes_on_what_nobody_named_but_nothing_that_the_server_fills_in():
    fields = {"type": "said", "ref": "r", "id": "another", "username": "another", "seq": 9, "msg": "a", "extra": [1]}
    payload = protocol.payload_of(kind(), fields)

    assert protocol.opened(payload, fields) == {"msg": "a", "extra": [1]}


def test_envelope_says_who_and_when_and_what():
    said = protocol.envelope("said", {"id": "p", "username": "A"}, 1_692_345_678_901, {"msg": "é"})

    assert msgspec.json.decode(said) == {
        "type": "said",
        "id": "p",
        "username": "A",
        "time": 1_692_345_678,
        "timeMs": 1_692_345_678_901,
        "msg": "é",
    }


def test_envelope_without_a_payload_is_whole():
    assert msgspec.json.decode(protocol.envelope("said", {}, 0, {})) == {"type": "said", "time": 0, "timeMs": 0}


def test_number_is_added_to_what_is_written_already():
    assert protocol.numbered(b'{"type":"a"}', "seq", 7) == b'{"type":"a","seq":7}'


def test_text_that_is_no_unicode_is_refused():
    with pytest.raises(Refusal):
        protocol.encode({"msg": "\ud800"})


def test_answers_repeat_the_ref():
    assert msgspec.json.decode(protocol.ack("r", 3)) == {"type": "ack", "ref": "r", "seq": 3}
    assert msgspec.json.decode(protocol.ack("r")) == {"type": "ack", "ref": "r"}
    assert msgspec.json.decode(protocol.error("r", Refusal("too_large", "Smaller."))) == {
        "type": "error",
        "ref": "r",
        "code": "too_large",
        "message": "Smaller.",
    }
