"""WebSocket frames and Socket.IO packets, as the standards have them."""

import pytest
from websockets.frames import Frame, Opcode

from rooms.realtime.events import Event, Form, Route
from rooms.realtime.frames import binary_frame, event_packet, text_frame


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 1 << 20])
def test_frame_is_what_a_server_of_the_standard_sends(length):
    text = b"x" * length

    made = text_frame(text)

    assert made == Frame(Opcode.TEXT, text).serialize(mask=False)


def test_frame_of_bytes_is_a_binary_one():
    assert binary_frame(b"\x00\xff") == Frame(Opcode.BINARY, b"\x00\xff").serialize(mask=False)


@pytest.mark.parametrize(
    ("form", "names"), [(Form.NAMED, ["participant-joined", "room_connected"]), (Form.DATA, ["data"] * 2)]
)
def test_who_comes_is_told_twice_over_socket_io(form, names):
    event = Event(Route("participant-joined"), b'{"type":"participant-joined","participant":{"id":"a"}}')

    told = event.texts(form)

    bodies = (event.body, b'{"type":"room_connected","joined":{"id":"a"}}')
    assert told == [event_packet(name, body) for name, body in zip(names, bodies, strict=True)]
    assert event.frame(form) == b"".join(map(text_frame, told))


def test_packet_is_an_event_with_one_argument():
    assert event_packet("chat-box", b'{"msg":"a"}') == b'42["chat-box",{"msg":"a"}]'
