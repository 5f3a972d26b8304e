"""WebSocket frames and Socket.IO packets, as the standards have them."""

import pytest
from websockets.frames import Frame, Opcode

from rooms.realtime.frames import event_packet, text_frame


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 1 << 20])
def test_frame_is_what_a_server_of_the_standard_sends(length):
    text = b"x" * length

    made = text_frame(text)

    assert made == Frame(Opcode.TEXT, text).serialize(mask=False)


def test_packet_is_an_event_with_one_argument():
    assert event_packet("chat-box", b'{"msg":"a"}') == b'42["chat-box",{"msg":"a"}]'
